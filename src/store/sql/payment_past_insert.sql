-- $2: JSON array of rows.
INSERT INTO payment_past (
    log_id, payment_id, to_position, instructed_position, cycle, beneficiary_id, benefit_type, unit_key, urban, first_channel,
    first_agent, first_bank, counts
)
SELECT
    $1, unhex(value ->> 0), value ->> 1, value ->> 2, value ->> 3, unhex(value ->> 4), value ->> 5, value ->> 6, value ->> 7,
    value ->> 8, value ->> 9, value ->> 10, value ->> 11
FROM jsonb_each($2)
