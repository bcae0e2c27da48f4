-- $3: from this place; $4: at most so many.
SELECT
    list_id, place, beneficiary_id, benefit_type, unit_key, amount_minor, reason, note
FROM list_left_out
WHERE log_id = $1 AND list_id = $2 AND place >= $3
ORDER BY place
LIMIT $4
