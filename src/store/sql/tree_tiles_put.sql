-- $2: JSON array of [level, number, bytes in hex].
INSERT INTO tree_tiles (log_id, level, number, hashes)
SELECT $1, value ->> 0, value ->> 1, unhex(value ->> 2)
FROM jsonb_each($2)
WHERE true
ON CONFLICT (log_id, level, number) DO UPDATE SET hashes = excluded.hashes
