-- $2: JSON array of rows.
INSERT INTO list_left_out (
    log_id, list_id, place, beneficiary_id, benefit_type, unit_key, amount_minor, reason, note
)
SELECT
    $1, unhex(value ->> 0), value ->> 1, unhex(value ->> 2), value ->> 3, value ->> 4, value ->> 5, value ->> 6,
    value ->> 7
FROM jsonb_each($2)
