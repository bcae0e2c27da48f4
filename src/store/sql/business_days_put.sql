-- $2: JSON array of [day, first position, last position].
INSERT INTO business_days (log_id, day, first_position, last_position)
SELECT $1, value ->> 0, value ->> 1, value ->> 2
FROM jsonb_each($2)
WHERE true
ON CONFLICT (log_id, day) DO UPDATE SET last_position = excluded.last_position
