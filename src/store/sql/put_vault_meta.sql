INSERT INTO vault_meta (log_id, name, value)
VALUES ($1, $2, $3)
ON CONFLICT (log_id, name) DO NOTHING
