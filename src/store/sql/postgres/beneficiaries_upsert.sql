INSERT INTO beneficiaries (
    log_id, beneficiary_id, unit_key, units, methods, died_on, birth_decade, sex, revision, registered_position,
    last_position, updated_at_us, more, counted_position, channel, identity_status, counts, to_look_into,
    authorised_until
)
SELECT $1, given.*
FROM unnest(
    $2::bytea[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::bigint[], $10::bigint[],
    $11::bigint[], $12::bigint[], $13::text[], $14::bigint[], $15::text[], $16::text[], $17::bigint[], $18::bigint[],
    $19::text[]
) AS given
ON CONFLICT (log_id, beneficiary_id) DO UPDATE SET
    unit_key = excluded.unit_key, units = excluded.units, methods = excluded.methods, died_on = excluded.died_on,
    revision = excluded.revision, last_position = excluded.last_position, updated_at_us = excluded.updated_at_us,
    more = excluded.more, counted_position = excluded.counted_position, channel = excluded.channel,
    identity_status = excluded.identity_status, counts = excluded.counts, to_look_into = excluded.to_look_into,
    authorised_until = excluded.authorised_until
