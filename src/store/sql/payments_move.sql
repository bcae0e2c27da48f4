-- $2: JSON array of rows: the id, then these columns. Leaves the columns of indexes alone: writing them, even unchanged, would rewrite
-- the indexes.
UPDATE payments SET
    state = v.value ->> 1, held = v.value ->> 2, attempt = v.value ->> 3, channel = v.value ->> 4,
    agent = v.value ->> 5, bank = v.value ->> 6, end_to_end_id = v.value ->> 7, due_on = v.value ->> 8,
    settled_on = v.value ->> 9, returned_on = v.value ->> 10, outcome = v.value ->> 11, payee = v.value ->> 12,
    collected_by = v.value ->> 13, past_attempts = v.value ->> 14, revision = v.value ->> 15,
    last_position = v.value ->> 16, updated_at_us = v.value ->> 17,
    contradicted = v.value ->> 18
FROM jsonb_each($2) AS v
WHERE log_id = $1 AND payment_id = unhex(v.value ->> 0)
