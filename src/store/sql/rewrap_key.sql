UPDATE vault_keys
SET wrapped_key = $4
WHERE log_id = $1 AND subject = $2 AND wrapped_key = $3
