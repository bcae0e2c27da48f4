UPDATE vault_meta
SET value = $4
WHERE log_id = $1 AND name = $2 AND value = $3
