-- BETWEEN and ORDER BY: of the indexes only the right one gives this order, so that it is taken whatever the planner believes.
SELECT found.*
FROM unnest($2::bytea[]) AS asked (key)
CROSS JOIN LATERAL (
    SELECT
        r.recovery_id, r.payment_id, r.attempt, r.beneficiary_id, r.benefit_type, r.unit_key, r.ground, r.months,
        r.amount_minor, r.currency, r.state, r.received_minor, r.written_off_minor, r.refund_minor, r.found_on,
        r.demanded_on, r.due_on, r.revision, r.found_position, r.last_position, r.updated_at_us
    FROM recoveries AS r
    WHERE r.log_id = $1 AND r.recovery_id BETWEEN asked.key AND asked.key
    ORDER BY r.recovery_id
    LIMIT 1
) AS found
