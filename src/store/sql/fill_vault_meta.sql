INSERT INTO vault_meta (
    log_id, name, value
)
SELECT $1, column1, column2
FROM (
    VALUES ($2, $3)
) AS given
WHERE column1 IS NOT NULL
