SELECT
    level, number, hashes
FROM tree_tiles
WHERE log_id = $1
ORDER BY level, number
