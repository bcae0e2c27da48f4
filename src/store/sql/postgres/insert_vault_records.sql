INSERT INTO vault_records (log_id, record_ref, subject, kind, ciphertext)
SELECT $1, given.*
FROM unnest($2::bytea[], $3::bytea[], $4::text[], $5::bytea[]) AS given
