SELECT beneficiary_id, from_position, to_position, unit_key, channel, identity_status, counts
FROM beneficiary_past
WHERE log_id = $1
ORDER BY beneficiary_id, from_position
