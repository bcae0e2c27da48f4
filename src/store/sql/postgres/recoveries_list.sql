-- The lines marked as filters are left out when they are not set. $6: after this position; $7: at most so many.
SELECT
    recovery_id, payment_id, attempt, beneficiary_id, benefit_type, unit_key, ground, months, amount_minor, currency,
    state, received_minor, written_off_minor, refund_minor, found_on, demanded_on, due_on, revision, found_position,
    last_position, updated_at_us
FROM recoveries
WHERE log_id = $1
    AND unit_key = ANY($2::text[]) -- filter: units
    AND state = ANY($3::text[]) -- filter: states
    AND payment_id = $4 -- filter: payment
    AND beneficiary_id = $5 -- filter: beneficiary
    AND found_position > $6
ORDER BY found_position
LIMIT $7
