SELECT
    cell_id, day, count, amount_minor
FROM figure_days
WHERE log_id = $1
ORDER BY cell_id, day
