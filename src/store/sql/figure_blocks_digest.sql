SELECT
    block, differences
FROM figure_blocks
WHERE log_id = $1
ORDER BY block
