INSERT INTO checkpoints (log_id, size, signed_at_us, cosignatures, note)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (log_id, size) DO NOTHING
