-- $2: JSON array of [cycle, position].
INSERT INTO figure_cycles (log_id, cycle, last_position)
SELECT $1, value ->> 0, value ->> 1
FROM jsonb_each($2)
WHERE true
ON CONFLICT (log_id, cycle) DO UPDATE SET last_position = excluded.last_position
