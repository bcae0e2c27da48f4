-- $2: JSON array of rows.
INSERT INTO payment_attempts (
    log_id, end_to_end_id, payment_id, attempt
)
SELECT
    $1, value ->> 0, unhex(value ->> 1), value ->> 2
FROM jsonb_each($2)
