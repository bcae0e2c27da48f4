-- Each line marked as a filter is left out when its filter is not set. $5: after this place; $6: at most so many.
SELECT inbox_id, item, place, bank, cause, payment_id, unit_key, since_us, resolved
FROM bank_items
WHERE log_id = $1
    AND unit_key IN (SELECT value FROM json_each($2)) -- filter: units
    AND bank = $3 -- filter: bank
    AND inbox_id = $4 -- filter: message
    AND resolved = 0 -- filter: waiting
    AND place > $5
ORDER BY place
LIMIT $6
