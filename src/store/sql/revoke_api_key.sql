UPDATE api_keys
SET revoked_at_us = $1
WHERE log_id = $2 AND key_id = $3 AND revoked_at_us IS NULL
