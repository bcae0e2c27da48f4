SELECT r.record_ref, r.subject, r.kind, r.ciphertext
FROM json_each($2) AS asked
CROSS JOIN vault_records AS r
WHERE r.log_id = $1 AND r.subject = unhex(asked.value)
ORDER BY r.subject, r.record_ref
