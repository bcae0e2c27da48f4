INSERT INTO beneficiaries (
    log_id, beneficiary_id, unit_key, units, methods, died_on, birth_decade, sex, revision, registered_position,
    last_position, updated_at_us
)
SELECT $1, given.*
FROM unnest(
    $2::bytea[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::bigint[], $10::bigint[],
    $11::bigint[], $12::bigint[]
) AS given
ON CONFLICT (log_id, beneficiary_id) DO UPDATE SET
    unit_key = excluded.unit_key, units = excluded.units, methods = excluded.methods, died_on = excluded.died_on,
    revision = excluded.revision, last_position = excluded.last_position, updated_at_us = excluded.updated_at_us
