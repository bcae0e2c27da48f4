INSERT INTO vault_keys (log_id, subject, wrapped_key)
SELECT $1, given.*
FROM unnest($2::bytea[], $3::bytea[]) AS given
