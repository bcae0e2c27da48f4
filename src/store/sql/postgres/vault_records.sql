SELECT asked.number - 1, found.record_ref, found.subject, found.kind, found.ciphertext
FROM unnest($2::bytea[]) WITH ORDINALITY AS asked (record_ref, number)
CROSS JOIN LATERAL (
    SELECT r.record_ref, r.subject, r.kind, r.ciphertext
    FROM vault_records AS r
    WHERE r.log_id = $1 AND r.record_ref = asked.record_ref
    LIMIT 1
) AS found
