SELECT
    beneficiary_id, unit_key, units, methods, died_on, birth_decade, sex, revision, registered_position,
    last_position, updated_at_us, more, counted_position, channel, identity_status, counts, to_look_into,
    authorised_until
FROM beneficiaries
WHERE log_id = $1
ORDER BY beneficiary_id
