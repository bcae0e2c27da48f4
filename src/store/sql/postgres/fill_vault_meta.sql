INSERT INTO vault_meta (log_id, name, value)
SELECT $1, given.*
FROM unnest($2::text[], $3::bytea[]) AS given
