-- BETWEEN and ORDER BY: of the indexes only the right one gives this order, so that it is taken whatever the planner believes.
-- The rows are found by one search in the index for each key, and changed where they lie: a plain join may walk the whole log when the
-- planner takes the table for small. Nobody else writes to them meanwhile.
-- Rows in the order of all columns: what events of an attempt change, and the fields that a correction may change.
UPDATE payments AS p SET
    reference = given.reference, benefit_months = given.benefit_months, amount_minor = given.amount_minor,
    unit_key = given.unit_key, unit_code_as_received = given.unit_code_as_received, urban = given.urban, state = given.state,
    held = given.held, attempt = given.attempt, channel = given.channel, agent = given.agent, bank = given.bank,
    end_to_end_id = given.end_to_end_id, due_on = given.due_on, settled_on = given.settled_on,
    returned_on = given.returned_on, outcome = given.outcome, payee = given.payee, collected_by = given.collected_by,
    past_attempts = given.past_attempts, revision = given.revision, last_position = given.last_position,
    updated_at_us = given.updated_at_us, contradicted = given.contradicted
FROM unnest(
    $2::bytea[], $3::text[], $4::bytea[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::text[], $10::text[],
    $11::text[], $12::bigint[], $13::text[], $14::text[], $15::text[], $16::bigint[], $17::text[], $18::text[],
    $19::text[], $20::text[], $21::text[], $22::text[], $23::text[], $24::text[], $25::text[], $26::text[], $27::text[],
    $28::text[], $29::text[], $30::text[], $31::bigint[], $32::bigint[], $33::bigint[], $34::bigint[], $35::bigint[],
    $36::bigint[]
) AS given (
    payment_id, reference, beneficiary_id, benefit_type, benefit_months, cycle, amount_minor, currency, unit_key,
    unit_code_as_received, urban, kind, state, held, attempt, channel, agent, bank, first_channel, first_agent,
    first_bank, end_to_end_id, due_on, settled_on, returned_on, outcome, payee, collected_by, past_attempts, revision,
    instructed_position, last_position, instructed_at_us, updated_at_us, contradicted
)
CROSS JOIN LATERAL (
    SELECT r.ctid
    FROM payments AS r
    WHERE r.log_id = $1 AND r.payment_id BETWEEN given.payment_id AND given.payment_id
    ORDER BY r.payment_id
    LIMIT 1
) AS found
WHERE p.ctid = found.ctid
