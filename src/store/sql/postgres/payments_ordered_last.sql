-- The payment ordered last for each of some people. ORDER BY: of the indexes only the right one gives this order, whatever the planner believes.
SELECT found.*
FROM unnest($2::bytea[]) AS asked (key)
CROSS JOIN LATERAL (
    SELECT
        p.payment_id, p.reference, p.beneficiary_id, p.benefit_type, p.benefit_months, p.cycle, p.amount_minor, p.currency,
        p.unit_key, p.unit_code_as_received, p.urban, p.kind, p.state, p.held, p.attempt, p.channel, p.agent, p.bank,
        p.first_channel, p.first_agent, p.first_bank, p.end_to_end_id, p.due_on, p.settled_on, p.returned_on, p.outcome,
        p.payee, p.collected_by, p.past_attempts, p.revision, p.instructed_position, p.last_position, p.instructed_at_us,
        p.updated_at_us, p.contradicted
    FROM payments AS p
    WHERE p.log_id = $1 AND p.beneficiary_id BETWEEN asked.key AND asked.key
    ORDER BY p.beneficiary_id DESC, p.instructed_position DESC
    LIMIT 1
) AS found
