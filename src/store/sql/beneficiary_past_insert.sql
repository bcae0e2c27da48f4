-- $2: JSON array of rows.
INSERT INTO beneficiary_past (
    log_id, beneficiary_id, from_position, to_position, unit_key, channel, identity_status, counts
)
SELECT
    $1, unhex(value ->> 0), value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6
FROM jsonb_each($2)
