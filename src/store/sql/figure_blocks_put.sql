-- $2: JSON array of [block, bytes in hex].
INSERT INTO figure_blocks (log_id, block, differences)
SELECT $1, value ->> 0, unhex(value ->> 1)
FROM jsonb_each($2)
WHERE true
ON CONFLICT (log_id, block) DO UPDATE SET differences = excluded.differences
