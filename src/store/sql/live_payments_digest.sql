SELECT
    cycle, beneficiary_id, payment_id, valid_from_position, valid_to_position, unit_key, urban, benefit_type, channel,
    agent, bank, cashless, amount_minor
FROM live_payments
WHERE log_id = $1
ORDER BY cycle, beneficiary_id, payment_id, valid_from_position
