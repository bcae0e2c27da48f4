-- The lines marked as filters are left out when they are not set. $5: after this position; $6: at most so many.
SELECT
    approval_id, action, object, unit_key, amount_minor, currency, state, requested_by, decided_by, failure,
    requested_at_us, expires_at_us, revision, requested_position, last_position, updated_at_us
FROM approvals
WHERE log_id = $1
    AND unit_key = ANY($2::text[]) -- filter: units
    AND unit_key IS NOT NULL -- filter: of_units
    AND unit_key IS NULL -- filter: of_no_unit
    AND state = $3 -- filter: state
    AND expires_at_us >= $4 -- filter: unexpired
    AND expires_at_us < $4 -- filter: expired
    AND requested_position > $5
ORDER BY requested_position
LIMIT $6
