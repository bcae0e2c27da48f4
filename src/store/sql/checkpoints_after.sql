SELECT size, signed_at_us, cosignatures, note
FROM checkpoints
WHERE log_id = $1 AND size > $2
ORDER BY size
LIMIT $3
