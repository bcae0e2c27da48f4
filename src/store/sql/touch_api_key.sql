UPDATE api_keys
SET used_at_us = $3
WHERE log_id = $1 AND key_id = $2 AND (used_at_us IS NULL OR used_at_us < $3)
