-- $2: JSON array of rows.
INSERT INTO bank_items (log_id, inbox_id, item, place, bank, cause, payment_id, unit_key, since_us, resolved)
SELECT
    $1,
    unhex(value ->> 0), value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
    value ->> 7, value ->> 8
FROM jsonb_each($2)
