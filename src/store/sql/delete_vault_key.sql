DELETE FROM vault_keys
WHERE log_id = $1 AND subject = $2
