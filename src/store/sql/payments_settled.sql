-- Of a bank, after a day and an id ($3, $4) to a day ($5), in that order; at most so many ($6).
SELECT
    payment_id, reference, beneficiary_id, benefit_type, benefit_months, cycle, amount_minor, currency, unit_key,
    unit_code_as_received, urban, kind, state, held, attempt, channel, agent, bank, first_channel, first_agent,
    first_bank, end_to_end_id, due_on, settled_on, returned_on, outcome, payee, collected_by, past_attempts, revision,
    instructed_position, last_position, instructed_at_us, updated_at_us, contradicted
FROM payments
WHERE log_id = $1
    AND bank = $2
    AND (settled_on, payment_id) > ($3, $4)
    AND settled_on <= $5
    AND state IN ('settled', 'returned')
ORDER BY settled_on, payment_id
LIMIT $6
