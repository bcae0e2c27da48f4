-- $2: JSON array of [list, payment, reason]. An item comes off once.
UPDATE list_items SET removed = v.value ->> 2
FROM jsonb_each($2) AS v
WHERE log_id = $1 AND list_id = unhex(v.value ->> 0) AND payment_id = unhex(v.value ->> 1) AND removed IS NULL
