INSERT INTO api_keys (
    log_id, key_id, secret_hash, role, unit_key, bank, label, created_at_us, revoked_at_us
)
SELECT $1, column1, column2, column3, column4, column5, column6, column7, column8
FROM (
    VALUES ($2, $3, $4, $5, $6, $7, $8, $9)
) AS given
WHERE column1 IS NOT NULL
