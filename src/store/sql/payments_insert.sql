-- $2: JSON array of rows, each an array in the order of the columns.
INSERT INTO payments (
    log_id, payment_id, reference, beneficiary_id, benefit_type, benefit_months, cycle, amount_minor, currency,
    unit_key, unit_code_as_received, urban, supplement, state, held, attempt, channel, agent, bank, first_channel,
    first_agent, first_bank, end_to_end_id, due_on, settled_on, returned_on, outcome, payee, collected_by,
    past_attempts, revision, instructed_position, last_position, instructed_at_us, updated_at_us
)
SELECT
    $1, unhex(value ->> 0), value ->> 1, unhex(value ->> 2), value ->> 3, value ->> 4, value ->> 5, value ->> 6,
    value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->> 13, value ->> 14,
    value ->> 15, value ->> 16, value ->> 17, value ->> 18, value ->> 19, value ->> 20, value ->> 21, value ->> 22,
    value ->> 23, value ->> 24, value ->> 25, value ->> 26, value ->> 27, value ->> 28, value ->> 29, value ->> 30,
    value ->> 31, value ->> 32, value ->> 33
FROM jsonb_each($2)
