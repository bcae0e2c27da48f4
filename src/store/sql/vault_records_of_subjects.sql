SELECT record_ref, subject, kind, ciphertext
FROM vault_records
WHERE log_id = $1 AND subject IN (SELECT unhex(value) FROM json_each($2))
ORDER BY subject, record_ref
