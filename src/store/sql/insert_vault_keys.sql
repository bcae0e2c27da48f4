INSERT OR ROLLBACK INTO vault_keys (log_id, subject, wrapped_key)
SELECT $1, column1, column2
FROM (
    VALUES ($2, $3)
) AS given
WHERE column1 IS NOT NULL
