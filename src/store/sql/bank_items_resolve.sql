-- $2: JSON array of [message, item].
UPDATE bank_items SET resolved = 1
FROM jsonb_each($2) AS v
WHERE log_id = $1 AND inbox_id = unhex(v.value ->> 0) AND item = v.value ->> 1
