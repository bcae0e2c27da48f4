SELECT inbox_id, item, place, bank, cause, payment_id, unit_key, since_us, resolved
FROM bank_items
WHERE log_id = $1
ORDER BY place
