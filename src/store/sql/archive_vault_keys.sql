SELECT subject, wrapped_key
FROM vault_keys
WHERE log_id = $1
ORDER BY subject
