-- The last position recorded up to a day.
SELECT COALESCE(MAX(last_position), 0) FROM business_days WHERE log_id = $1 AND day <= $2
