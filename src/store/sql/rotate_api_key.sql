-- Of two that rotate at once, one finds the secret changed.
UPDATE api_keys
SET secret_hash = $4, former_hash = $3, former_until_us = $5, expires_at_us = $6
WHERE log_id = $1 AND key_id = $2 AND secret_hash = $3 AND revoked_at_us IS NULL
