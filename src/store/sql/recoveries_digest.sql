SELECT
    recovery_id, payment_id, attempt, beneficiary_id, benefit_type, unit_key, ground, months, amount_minor, currency,
    state, received_minor, written_off_minor, refund_minor, found_on, demanded_on, due_on, revision, found_position,
    last_position, updated_at_us
FROM recoveries
WHERE log_id = $1
ORDER BY recovery_id
