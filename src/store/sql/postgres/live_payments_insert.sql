INSERT INTO live_payments (
    log_id, cycle, beneficiary_id, payment_id, valid_from_position, valid_to_position, unit_key, urban, benefit_type,
    channel, agent, bank, cashless, amount_minor
)
SELECT $1, given.*
FROM unnest(
    $2::text[], $3::bytea[], $4::bytea[], $5::bigint[], $6::bigint[], $7::text[], $8::bigint[], $9::text[], $10::text[],
    $11::text[], $12::text[], $13::bigint[], $14::bigint[]
) AS given
