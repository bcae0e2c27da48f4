SELECT column1, r.record_ref, r.subject, r.kind, r.ciphertext
FROM (
    VALUES (0, $1)
) AS asked
CROSS JOIN vault_records AS r
WHERE r.log_id = $2 AND r.record_ref = column2
