-- The rows are found by one search in the index for each key, and changed where they lie: a plain join may walk the whole log when the
-- planner takes the table for small. Nobody else writes to them meanwhile.
DELETE FROM claims AS c
USING unnest($2::text[], $3::bytea[]) AS given (kind, key)
CROSS JOIN LATERAL (
    SELECT r.ctid
    FROM claims AS r
    WHERE r.log_id = $1 AND r.kind = given.kind AND r.key = given.key
    LIMIT 1
) AS found
WHERE c.ctid = found.ctid
