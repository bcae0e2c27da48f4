-- $5: the position that the rows were folded from. No row comes back when another process has moved the projection meanwhile.
INSERT INTO projections (log_id, name, position, recorded_at_us)
SELECT $1, $2, $3, $4 WHERE $5 = 0 OR EXISTS (SELECT 1 FROM projections WHERE log_id = $1 AND name = $2)
ON CONFLICT (log_id, name) DO UPDATE SET
    position = excluded.position, recorded_at_us = excluded.recorded_at_us, error_position = NULL, error = NULL
WHERE projections.position = $5
RETURNING position
