INSERT INTO recoveries (
    log_id, recovery_id, payment_id, attempt, beneficiary_id, benefit_type, unit_key, ground, months, amount_minor, currency,
    state, received_minor, written_off_minor, refund_minor, found_on, demanded_on, due_on, revision, found_position,
    last_position, updated_at_us
)
SELECT $1, given.*
FROM unnest(
    $2::bytea[], $3::bytea[], $4::bigint[], $5::bytea[], $6::text[], $7::text[], $8::text[], $9::text[],
    $10::bigint[], $11::text[], $12::text[], $13::bigint[], $14::bigint[], $15::bigint[], $16::text[], $17::text[],
    $18::text[], $19::bigint[], $20::bigint[], $21::bigint[], $22::bigint[]
) AS given
ON CONFLICT (log_id, recovery_id) DO UPDATE SET
    months = excluded.months, amount_minor = excluded.amount_minor, state = excluded.state,
    received_minor = excluded.received_minor, written_off_minor = excluded.written_off_minor,
    refund_minor = excluded.refund_minor, demanded_on = excluded.demanded_on, due_on = excluded.due_on,
    revision = excluded.revision, last_position = excluded.last_position, updated_at_us = excluded.updated_at_us
