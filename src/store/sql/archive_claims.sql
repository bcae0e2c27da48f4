SELECT kind, key, stream_id
FROM claims
WHERE log_id = $1
ORDER BY kind, key
