-- $2: JSON array of rows. `WHERE true` keeps the parser from taking ON for a join.
INSERT INTO beneficiaries (
    log_id, beneficiary_id, unit_key, units, methods, died_on, birth_decade, sex, revision, registered_position,
    last_position, updated_at_us, more, counted_position, channel, identity_status, counts, to_look_into,
    authorised_until
)
SELECT
    $1, unhex(value ->> 0), value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
    value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->> 13, value ->> 14, value ->> 15,
    value ->> 16, value ->> 17
FROM jsonb_each($2)
WHERE true
ON CONFLICT (log_id, beneficiary_id) DO UPDATE SET
    unit_key = excluded.unit_key, units = excluded.units, methods = excluded.methods, died_on = excluded.died_on,
    revision = excluded.revision, last_position = excluded.last_position, updated_at_us = excluded.updated_at_us,
    more = excluded.more, counted_position = excluded.counted_position, channel = excluded.channel,
    identity_status = excluded.identity_status, counts = excluded.counts, to_look_into = excluded.to_look_into,
    authorised_until = excluded.authorised_until
