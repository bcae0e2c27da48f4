SELECT name, value
FROM vault_meta
WHERE log_id = $1
ORDER BY name
