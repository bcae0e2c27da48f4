SELECT key_id, secret_hash, role, unit_key, bank, label, created_at_us, revoked_at_us,
    expires_at_us, used_at_us, former_hash, former_until_us
FROM api_keys
WHERE log_id = $1 AND key_id = $2
