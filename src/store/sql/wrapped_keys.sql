SELECT column1, k.wrapped_key
FROM (
    VALUES (0, $1)
) AS asked
CROSS JOIN vault_keys AS k
WHERE k.log_id = $2 AND k.subject = column2
