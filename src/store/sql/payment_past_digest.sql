SELECT
    payment_id, to_position, instructed_position, cycle, beneficiary_id, benefit_type, unit_key, urban, first_channel, first_agent,
    first_bank, counts
FROM payment_past
WHERE log_id = $1
ORDER BY payment_id, to_position
