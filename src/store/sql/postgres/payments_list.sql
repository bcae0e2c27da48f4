-- Each line marked as a filter is left out when its filter is not set, so that the planner sees only what is asked.
-- $12: a list; $13: kinds; $14: after this position; $15: at most so many.
SELECT
    payment_id, reference, beneficiary_id, benefit_type, benefit_months, cycle, amount_minor, currency, unit_key,
    unit_code_as_received, urban, kind, state, held, attempt, channel, agent, bank, first_channel, first_agent,
    first_bank, end_to_end_id, due_on, settled_on, returned_on, outcome, payee, collected_by, past_attempts, revision,
    instructed_position, last_position, instructed_at_us, updated_at_us, contradicted
FROM payments
WHERE log_id = $1
    AND unit_key = ANY($2::text[]) -- filter: units
    AND unit_key = ($2::text[])[1] -- filter: one_unit
    AND benefit_type = ANY($3::text[]) -- filter: benefit_types
    AND state = ANY($4::text[]) -- filter: states
    AND channel = ANY($5::text[]) -- filter: channels
    AND bank = ANY($6::text[]) -- filter: banks
    AND cycle = $7 -- filter: cycle
    AND reference = $8 -- filter: reference
    AND due_on < $9 -- filter: due_before
    AND beneficiary_id = $10 -- filter: beneficiary
    AND (held IS NOT NULL OR contradicted = 1) = $11 -- filter: held
    AND (state IN ('rejected', 'failed', 'returned') OR held IS NOT NULL OR contradicted = 1) -- filter: in_trouble
    AND payment_id IN (SELECT payment_id FROM list_items WHERE log_id = $1 AND list_id = $12 AND removed IS NULL) -- filter: list
    AND (outcome IS NOT NULL OR past_attempts IS NOT NULL) -- filter: troubled
    AND kind = ANY($13::text[]) -- filter: kinds
    AND instructed_position > $14
ORDER BY instructed_position
LIMIT $15
