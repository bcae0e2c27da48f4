-- $2: JSON array of rows. `WHERE true` keeps the parser from taking ON for a join.
INSERT INTO approvals (
    log_id, approval_id, action, object, unit_key, amount_minor, currency, state, requested_by, decided_by, failure,
    requested_at_us, expires_at_us, revision, requested_position, last_position, updated_at_us
)
SELECT
    $1, unhex(value ->> 0), value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
    value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->> 13, value ->> 14,
    value ->> 15
FROM jsonb_each($2)
WHERE true
ON CONFLICT (log_id, approval_id) DO UPDATE SET
    state = excluded.state, decided_by = excluded.decided_by, failure = excluded.failure,
    revision = excluded.revision, last_position = excluded.last_position, updated_at_us = excluded.updated_at_us
