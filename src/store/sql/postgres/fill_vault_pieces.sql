INSERT INTO vault_pieces (log_id, record_ref, subject, piece, written_at_us, ciphertext)
SELECT $1, given.*
FROM unnest($2::bytea[], $3::bytea[], $4::bigint[], $5::bigint[], $6::bytea[]) AS given
