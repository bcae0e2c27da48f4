INSERT INTO api_keys (
    log_id, key_id, secret_hash, role, unit_key, bank, label, created_at_us, revoked_at_us,
    expires_at_us, used_at_us, former_hash, former_until_us
)
SELECT $1, column1, column2, column3, column4, column5, column6, column7, column8, column9, column10, column11, column12
FROM (
    VALUES ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
) AS given
WHERE column1 IS NOT NULL
