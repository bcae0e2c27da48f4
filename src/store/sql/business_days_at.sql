-- The last day that begins at or before a position.
SELECT day, first_position, last_position FROM business_days
WHERE log_id = $1 AND first_position <= $2
ORDER BY day DESC
LIMIT 1
