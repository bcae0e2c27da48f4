INSERT INTO api_keys (log_id, key_id, secret_hash, role, unit_key, bank, label, created_at_us, revoked_at_us)
SELECT $1, given.*
FROM unnest($2::text[], $3::bytea[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[]) AS given
