-- $2: JSON array of rows.
INSERT INTO list_items (
    log_id, list_id, place, payment_id, attempt, beneficiary_id, benefit_type, unit_key, bank, amount_minor, removed
)
SELECT
    $1, unhex(value ->> 0), value ->> 1, unhex(value ->> 2), value ->> 3, unhex(value ->> 4), value ->> 5,
    value ->> 6, value ->> 7, value ->> 8, value ->> 9
FROM jsonb_each($2)
