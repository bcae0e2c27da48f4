-- BETWEEN and ORDER BY: of the indexes only the right one gives this order, so that it is taken whatever the planner believes.
SELECT found.*
FROM unnest($2::bytea[]) AS asked (key)
CROSS JOIN LATERAL (
    SELECT
        r.approval_id, r.action, r.object, r.unit_key, r.amount_minor, r.currency, r.state, r.requested_by,
        r.decided_by, r.failure, r.requested_at_us, r.expires_at_us, r.revision, r.requested_position,
        r.last_position, r.updated_at_us
    FROM approvals AS r
    WHERE r.log_id = $1 AND r.approval_id BETWEEN asked.key AND asked.key
    ORDER BY r.approval_id
    LIMIT 1
) AS found
