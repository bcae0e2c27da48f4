DELETE FROM claims AS c
USING unnest($2::text[], $3::bytea[]) AS given (kind, key)
WHERE c.log_id = $1 AND c.kind = given.kind AND c.key = given.key
