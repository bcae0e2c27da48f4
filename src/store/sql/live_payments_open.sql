-- $2: JSON array of [cycle, beneficiary]. CROSS JOIN: the people lead, their rows are looked up.
SELECT
    l.cycle, l.beneficiary_id, l.payment_id, l.valid_from_position, l.valid_to_position, l.unit_key, l.urban,
    l.benefit_type, l.channel, l.agent, l.bank, l.cashless, l.amount_minor
FROM jsonb_each($2) AS person
CROSS JOIN live_payments AS l
WHERE l.log_id = $1 AND l.cycle = person.value ->> 0 AND l.beneficiary_id = unhex(person.value ->> 1) AND l.valid_to_position IS NULL
