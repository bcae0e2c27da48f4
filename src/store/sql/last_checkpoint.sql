SELECT size, signed_at_us, cosignatures, note
FROM checkpoints
WHERE log_id = $1
ORDER BY size DESC
LIMIT 1
