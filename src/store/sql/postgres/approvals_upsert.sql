INSERT INTO approvals (
    log_id, approval_id, action, object, unit_key, amount_minor, currency, state, requested_by, decided_by, failure,
    requested_at_us, expires_at_us, revision, requested_position, last_position, updated_at_us
)
SELECT $1, given.*
FROM unnest(
    $2::bytea[], $3::text[], $4::text[], $5::text[], $6::bigint[], $7::text[], $8::text[], $9::text[], $10::text[],
    $11::text[], $12::bigint[], $13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[]
) AS given
ON CONFLICT (log_id, approval_id) DO UPDATE SET
    state = excluded.state, decided_by = excluded.decided_by, failure = excluded.failure,
    revision = excluded.revision, last_position = excluded.last_position, updated_at_us = excluded.updated_at_us
