-- $2: JSON array of rows.
INSERT INTO live_payments (
    log_id, cycle, beneficiary_id, payment_id, valid_from_position, valid_to_position, unit_key, urban, benefit_type,
    channel, agent, bank, cashless, amount_minor
)
SELECT
    $1, value ->> 0, unhex(value ->> 1), unhex(value ->> 2), value ->> 3, value ->> 4, value ->> 5, value ->> 6,
    value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12
FROM jsonb_each($2)
