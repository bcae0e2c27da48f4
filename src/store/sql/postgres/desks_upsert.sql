INSERT INTO desks (
    log_id, desk_id, code, kind, unit_key, agent, liquidated_to, revision, registered_position, last_position,
    updated_at_us
)
SELECT $1, given.*
FROM unnest(
    $2::bytea[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[],
    $10::bigint[], $11::bigint[]
) AS given
ON CONFLICT (log_id, desk_id) DO UPDATE SET
    liquidated_to = excluded.liquidated_to, revision = excluded.revision, last_position = excluded.last_position,
    updated_at_us = excluded.updated_at_us
