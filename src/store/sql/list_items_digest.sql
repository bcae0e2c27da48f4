SELECT
    list_id, place, payment_id, attempt, beneficiary_id, benefit_type, unit_key, bank, amount_minor, removed
FROM list_items
WHERE log_id = $1
ORDER BY list_id, place
