SELECT
    list_id, place, beneficiary_id, benefit_type, unit_key, amount_minor, reason, note
FROM list_left_out
WHERE log_id = $1
ORDER BY list_id, place
