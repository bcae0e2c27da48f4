-- $2: JSON array of rows.
INSERT INTO payment_changes (log_id, position, recorded_at_us, kind, payment_id, cycle, unit_key, benefit_type, channel, amount_minor)
SELECT
    $1, value ->> 0, value ->> 1, value ->> 2, unhex(value ->> 3), value ->> 4, value ->> 5, value ->> 6, value ->> 7, value ->> 8
FROM jsonb_each($2)
