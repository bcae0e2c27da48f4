INSERT INTO api_keys (
    log_id, key_id, secret_hash, role, unit_key, bank, label, created_at_us, revoked_at_us,
    expires_at_us, used_at_us, former_hash, former_until_us
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (log_id, key_id) DO NOTHING
