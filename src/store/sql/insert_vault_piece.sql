INSERT INTO vault_pieces (log_id, subject, record_ref, piece, written_at_us, ciphertext)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (log_id, subject, record_ref, piece) DO NOTHING
