SELECT
    cycle, block
FROM figure_cycle_blocks
WHERE log_id = $1
ORDER BY cycle, block
