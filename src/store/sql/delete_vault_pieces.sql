DELETE FROM vault_pieces
WHERE log_id = $1 AND subject = $2
