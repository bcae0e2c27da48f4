SELECT
    day, first_position, last_position
FROM business_days
WHERE log_id = $1
ORDER BY day
