SELECT
    beneficiary_id, unit_key, units, methods, died_on, birth_decade, sex, revision, registered_position,
    last_position, updated_at_us
FROM beneficiaries
WHERE log_id = $1
ORDER BY beneficiary_id
