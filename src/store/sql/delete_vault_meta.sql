DELETE FROM vault_meta
WHERE log_id = $1 AND name = $2
