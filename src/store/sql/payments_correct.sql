-- $2: JSON array of rows in the order of all columns: what events of an attempt change, and the fields that a correction may change.
UPDATE payments SET
    reference = v.value ->> 1, benefit_months = v.value ->> 4, amount_minor = v.value ->> 6, unit_key = v.value ->> 8,
    unit_code_as_received = v.value ->> 9, urban = v.value ->> 10, state = v.value ->> 12, held = v.value ->> 13,
    attempt = v.value ->> 14, channel = v.value ->> 15, agent = v.value ->> 16, bank = v.value ->> 17,
    end_to_end_id = v.value ->> 21, due_on = v.value ->> 22, settled_on = v.value ->> 23,
    returned_on = v.value ->> 24, outcome = v.value ->> 25, payee = v.value ->> 26, collected_by = v.value ->> 27,
    past_attempts = v.value ->> 28, revision = v.value ->> 29, last_position = v.value ->> 31,
    updated_at_us = v.value ->> 33, contradicted = v.value ->> 34
FROM jsonb_each($2) AS v
WHERE log_id = $1 AND payment_id = unhex(v.value ->> 0)
