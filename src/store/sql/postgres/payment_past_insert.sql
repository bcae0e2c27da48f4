INSERT INTO payment_past (
    log_id, payment_id, to_position, instructed_position, cycle, beneficiary_id, benefit_type, unit_key, urban, first_channel,
    first_agent, first_bank, counts
)
SELECT $1, given.*
FROM unnest($2::bytea[], $3::bigint[], $4::bigint[], $5::text[], $6::bytea[], $7::text[], $8::text[], $9::bigint[], $10::text[], $11::text[],
    $12::text[], $13::bigint[]) AS given
