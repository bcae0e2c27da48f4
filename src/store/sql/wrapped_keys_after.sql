SELECT subject, wrapped_key
FROM vault_keys
WHERE log_id = $1 AND subject > $2
ORDER BY subject
LIMIT $3
