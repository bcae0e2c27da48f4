-- BETWEEN and ORDER BY: of the indexes only the right one gives this order, so that it is taken whatever the planner believes.
-- The last two columns say which attempt was asked for.
SELECT found.*, attempts.end_to_end_id, attempts.attempt
FROM unnest($2::text[]) AS asked (end_to_end_id)
CROSS JOIN LATERAL (
    SELECT a.end_to_end_id, a.attempt, a.payment_id
    FROM payment_attempts AS a
    WHERE a.log_id = $1 AND a.end_to_end_id = asked.end_to_end_id
    OFFSET 0
) AS attempts
CROSS JOIN LATERAL (
    SELECT
        p.payment_id, p.reference, p.beneficiary_id, p.benefit_type, p.benefit_months, p.cycle, p.amount_minor, p.currency,
        p.unit_key, p.unit_code_as_received, p.urban, p.kind, p.state, p.held, p.attempt, p.channel, p.agent, p.bank,
        p.first_channel, p.first_agent, p.first_bank, p.end_to_end_id, p.due_on, p.settled_on, p.returned_on, p.outcome,
        p.payee, p.collected_by, p.past_attempts, p.revision, p.instructed_position, p.last_position, p.instructed_at_us,
        p.updated_at_us, p.contradicted
    FROM payments AS p
    WHERE p.log_id = $1 AND p.payment_id BETWEEN attempts.payment_id AND attempts.payment_id
    ORDER BY p.payment_id
    LIMIT 1
) AS found
