-- $2: JSON array of ids in hex.
SELECT
    r.approval_id, r.action, r.object, r.unit_key, r.amount_minor, r.currency, r.state, r.requested_by,
    r.decided_by, r.failure, r.requested_at_us, r.expires_at_us, r.revision, r.requested_position,
    r.last_position, r.updated_at_us
FROM json_each($2) AS wanted
CROSS JOIN approvals AS r
WHERE r.log_id = $1 AND r.approval_id = unhex(wanted.value)
