-- Each line marked as a filter is left out when its filter is not set, so that the planner sees only what is asked.
-- $2 to $6: JSON arrays; $10: an id; $12: a list; $13: kinds; $14: after this position; $15: at most so many.
SELECT
    payment_id, reference, beneficiary_id, benefit_type, benefit_months, cycle, amount_minor, currency, unit_key,
    unit_code_as_received, urban, kind, state, held, attempt, channel, agent, bank, first_channel, first_agent,
    first_bank, end_to_end_id, due_on, settled_on, returned_on, outcome, payee, collected_by, past_attempts, revision,
    instructed_position, last_position, instructed_at_us, updated_at_us, contradicted
FROM payments
WHERE log_id = $1
    AND unit_key IN (SELECT value FROM json_each($2)) -- filter: units
    AND unit_key = $2 ->> 0 -- filter: one_unit
    AND benefit_type IN (SELECT value FROM json_each($3)) -- filter: benefit_types
    AND state IN (SELECT value FROM json_each($4)) -- filter: states
    AND channel IN (SELECT value FROM json_each($5)) -- filter: channels
    AND bank IN (SELECT value FROM json_each($6)) -- filter: banks
    AND cycle = $7 -- filter: cycle
    AND reference = $8 -- filter: reference
    AND due_on < $9 -- filter: due_before
    AND beneficiary_id = $10 -- filter: beneficiary
    AND (held IS NOT NULL OR contradicted = 1) = $11 -- filter: held
    AND (state IN ('rejected', 'failed', 'returned') OR held IS NOT NULL OR contradicted = 1) -- filter: in_trouble
    AND payment_id IN (SELECT payment_id FROM list_items WHERE log_id = $1 AND list_id = $12 AND removed IS NULL) -- filter: list
    AND (outcome IS NOT NULL OR past_attempts IS NOT NULL) -- filter: troubled
    AND kind IN (SELECT value FROM json_each($13)) -- filter: kinds
    AND instructed_position > $14
ORDER BY instructed_position
LIMIT $15
