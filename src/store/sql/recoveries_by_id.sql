-- $2: JSON array of ids in hex.
SELECT
    r.recovery_id, r.payment_id, r.attempt, r.beneficiary_id, r.benefit_type, r.unit_key, r.ground, r.months,
    r.amount_minor, r.currency, r.state, r.received_minor, r.written_off_minor, r.refund_minor, r.found_on,
    r.demanded_on, r.due_on, r.revision, r.found_position, r.last_position, r.updated_at_us
FROM json_each($2) AS wanted
CROSS JOIN recoveries AS r
WHERE r.log_id = $1 AND r.recovery_id = unhex(wanted.value)
