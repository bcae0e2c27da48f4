-- $2: JSON array of ids. The last two columns say which attempt was asked for.
SELECT
    p.payment_id, p.reference, p.beneficiary_id, p.benefit_type, p.benefit_months, p.cycle, p.amount_minor,
    p.currency, p.unit_key, p.unit_code_as_received, p.urban, p.kind, p.state, p.held, p.attempt, p.channel,
    p.agent, p.bank, p.first_channel, p.first_agent, p.first_bank, p.end_to_end_id, p.due_on, p.settled_on,
    p.returned_on, p.outcome, p.payee, p.collected_by, p.past_attempts, p.revision, p.instructed_position,
    p.last_position, p.instructed_at_us, p.updated_at_us, p.contradicted,
    a.end_to_end_id AS asked_end_to_end_id, a.attempt AS asked_attempt
FROM json_each($2) AS wanted
CROSS JOIN payment_attempts AS a
CROSS JOIN payments AS p
WHERE a.log_id = $1 AND a.end_to_end_id = wanted.value AND p.log_id = a.log_id AND p.payment_id = a.payment_id
