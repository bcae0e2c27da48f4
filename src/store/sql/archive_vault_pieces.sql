SELECT record_ref, subject, piece, written_at_us, ciphertext
FROM vault_pieces
WHERE log_id = $1
ORDER BY subject, record_ref, piece
