SELECT beneficiary_id, position
FROM identity_refusals
WHERE log_id = $1
ORDER BY beneficiary_id, position
