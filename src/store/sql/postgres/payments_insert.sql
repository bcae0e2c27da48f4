INSERT INTO payments (
    log_id, payment_id, reference, beneficiary_id, benefit_type, benefit_months, cycle, amount_minor, currency, unit_key,
    unit_code_as_received, urban, kind, state, held, attempt, channel, agent, bank, first_channel, first_agent,
    first_bank, end_to_end_id, due_on, settled_on, returned_on, outcome, payee, collected_by, past_attempts, revision,
    instructed_position, last_position, instructed_at_us, updated_at_us, contradicted
)
SELECT $1, given.*
FROM unnest(
    $2::bytea[], $3::text[], $4::bytea[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::text[], $10::text[],
    $11::text[], $12::bigint[], $13::text[], $14::text[], $15::text[], $16::bigint[], $17::text[], $18::text[],
    $19::text[], $20::text[], $21::text[], $22::text[], $23::text[], $24::text[], $25::text[], $26::text[], $27::text[],
    $28::text[], $29::text[], $30::text[], $31::bigint[], $32::bigint[], $33::bigint[], $34::bigint[], $35::bigint[],
    $36::bigint[]
) AS given
