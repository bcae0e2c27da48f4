SELECT found.*
FROM unnest($2::text[], $3::bytea[]) AS person (cycle, beneficiary_id)
CROSS JOIN LATERAL (
    SELECT
        l.cycle, l.beneficiary_id, l.payment_id, l.valid_from_position, l.valid_to_position, l.unit_key, l.urban,
        l.benefit_type, l.channel, l.agent, l.bank, l.cashless, l.amount_minor
    FROM live_payments AS l
    WHERE l.log_id = $1 AND l.cycle = person.cycle AND l.beneficiary_id = person.beneficiary_id AND l.valid_to_position IS NULL
    OFFSET 0
) AS found
