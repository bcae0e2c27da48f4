-- $2: JSON array of [cycle, block].
INSERT INTO figure_cycle_blocks (log_id, cycle, block)
SELECT $1, value ->> 0, value ->> 1
FROM jsonb_each($2)
WHERE true
ON CONFLICT (log_id, cycle, block) DO NOTHING
