SELECT record_ref, subject, kind, ciphertext
FROM vault_records
WHERE log_id = $1 AND subject = $2
ORDER BY record_ref
