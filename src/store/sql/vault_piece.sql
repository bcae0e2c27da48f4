SELECT ciphertext
FROM vault_pieces
WHERE log_id = $1 AND subject = $2 AND record_ref = $3 AND piece = $4
