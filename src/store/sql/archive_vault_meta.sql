SELECT name, value
FROM vault_meta
WHERE log_id = $1 AND name <> 'next-master'
ORDER BY name
