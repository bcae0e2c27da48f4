-- The payment ordered last for each of some people. $2: JSON array of the people's ids in hex.
SELECT
    p.payment_id, p.reference, p.beneficiary_id, p.benefit_type, p.benefit_months, p.cycle, p.amount_minor,
    p.currency, p.unit_key, p.unit_code_as_received, p.urban, p.kind, p.state, p.held, p.attempt, p.channel,
    p.agent, p.bank, p.first_channel, p.first_agent, p.first_bank, p.end_to_end_id, p.due_on, p.settled_on,
    p.returned_on, p.outcome, p.payee, p.collected_by, p.past_attempts, p.revision, p.instructed_position,
    p.last_position, p.instructed_at_us, p.updated_at_us, p.contradicted
FROM json_each($2) AS wanted
CROSS JOIN payments AS p INDEXED BY payments_beneficiary
WHERE p.log_id = $1 AND p.beneficiary_id = unhex(wanted.value)
    AND p.instructed_position = (
        SELECT MAX(x.instructed_position) FROM payments AS x INDEXED BY payments_beneficiary
        WHERE x.log_id = $1 AND x.beneficiary_id = unhex(wanted.value)
    )
