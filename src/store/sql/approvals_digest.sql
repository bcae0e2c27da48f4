SELECT
    approval_id, action, object, unit_key, amount_minor, currency, state, requested_by, decided_by, failure,
    requested_at_us, expires_at_us, revision, requested_position, last_position, updated_at_us
FROM approvals
WHERE log_id = $1
ORDER BY approval_id
