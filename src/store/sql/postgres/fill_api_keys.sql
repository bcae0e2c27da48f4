INSERT INTO api_keys (
    log_id, key_id, secret_hash, role, unit_key, bank, label, created_at_us, revoked_at_us,
    expires_at_us, used_at_us, former_hash, former_until_us
)
SELECT $1, given.*
FROM unnest($2::text[], $3::bytea[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[],
    $10::bigint[], $11::bigint[], $12::bytea[], $13::bigint[]) AS given
