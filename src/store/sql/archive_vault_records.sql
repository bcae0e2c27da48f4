SELECT record_ref, subject, kind, ciphertext
FROM vault_records
WHERE log_id = $1
ORDER BY subject, record_ref
