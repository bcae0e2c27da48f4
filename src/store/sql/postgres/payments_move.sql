-- BETWEEN and ORDER BY: of the indexes only the right one gives this order, so that it is taken whatever the planner believes.
-- The rows are found by one search in the index for each key, and changed where they lie: a plain join may walk the whole log when the
-- planner takes the table for small. Nobody else writes to them meanwhile.
-- The id, then these columns. Leaves the columns of indexes alone, so that the row's new version can stay on its page.
UPDATE payments AS p SET
    state = given.state, held = given.held, attempt = given.attempt, channel = given.channel, agent = given.agent,
    bank = given.bank, end_to_end_id = given.end_to_end_id, due_on = given.due_on, settled_on = given.settled_on,
    returned_on = given.returned_on, outcome = given.outcome, payee = given.payee, collected_by = given.collected_by,
    past_attempts = given.past_attempts, revision = given.revision, last_position = given.last_position,
    updated_at_us = given.updated_at_us, contradicted = given.contradicted
FROM unnest(
    $2::bytea[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
    $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::bigint[], $18::bigint[], $19::bigint[],
    $20::bigint[]
) AS given (
    payment_id, state, held, attempt, channel, agent, bank, end_to_end_id, due_on, settled_on, returned_on, outcome, payee,
    collected_by, past_attempts, revision, last_position, updated_at_us, contradicted
)
CROSS JOIN LATERAL (
    SELECT r.ctid
    FROM payments AS r
    WHERE r.log_id = $1 AND r.payment_id BETWEEN given.payment_id AND given.payment_id
    ORDER BY r.payment_id
    LIMIT 1
) AS found
WHERE p.ctid = found.ctid
