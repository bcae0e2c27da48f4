INSERT OR ROLLBACK INTO vault_records (log_id, record_ref, subject, kind, ciphertext)
SELECT $1, column1, column2, column3, column4
FROM (
    VALUES ($2, $3, $4, $5)
) AS given
WHERE column1 IS NOT NULL
