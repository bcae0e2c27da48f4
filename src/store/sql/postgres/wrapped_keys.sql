SELECT asked.number - 1, found.wrapped_key
FROM unnest($2::bytea[]) WITH ORDINALITY AS asked (subject, number)
CROSS JOIN LATERAL (
    SELECT k.wrapped_key
    FROM vault_keys AS k
    WHERE k.log_id = $1 AND k.subject = asked.subject
    LIMIT 1
) AS found
