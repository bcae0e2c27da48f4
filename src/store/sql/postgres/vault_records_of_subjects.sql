SELECT record_ref, subject, kind, ciphertext
FROM vault_records
WHERE log_id = $1 AND subject = ANY($2::bytea[])
ORDER BY subject, record_ref
