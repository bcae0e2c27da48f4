-- $2: JSON array of rows. `WHERE true` keeps the parser from taking ON for a join.
INSERT INTO recoveries (
    log_id, recovery_id, payment_id, attempt, beneficiary_id, benefit_type, unit_key, ground, months, amount_minor, currency,
    state, received_minor, written_off_minor, refund_minor, found_on, demanded_on, due_on, revision, found_position,
    last_position, updated_at_us
)
SELECT
    $1, unhex(value ->> 0), unhex(value ->> 1), value ->> 2, unhex(value ->> 3), value ->> 4, value ->> 5,
    value ->> 6, value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->> 13,
    value ->> 14, value ->> 15, value ->> 16, value ->> 17, value ->> 18, value ->> 19, value ->> 20
FROM jsonb_each($2)
WHERE true
ON CONFLICT (log_id, recovery_id) DO UPDATE SET
    months = excluded.months, amount_minor = excluded.amount_minor, state = excluded.state,
    received_minor = excluded.received_minor, written_off_minor = excluded.written_off_minor,
    refund_minor = excluded.refund_minor, demanded_on = excluded.demanded_on, due_on = excluded.due_on,
    revision = excluded.revision, last_position = excluded.last_position, updated_at_us = excluded.updated_at_us
