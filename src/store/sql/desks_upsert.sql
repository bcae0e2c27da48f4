-- $2: JSON array of rows. `WHERE true` keeps the parser from taking ON for a join.
INSERT INTO desks (
    log_id, desk_id, code, kind, unit_key, agent, liquidated_to, revision, registered_position, last_position,
    updated_at_us
)
SELECT
    $1, unhex(value ->> 0), value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
    value ->> 8, value ->> 9
FROM jsonb_each($2)
WHERE true
ON CONFLICT (log_id, desk_id) DO UPDATE SET
    liquidated_to = excluded.liquidated_to, revision = excluded.revision, last_position = excluded.last_position,
    updated_at_us = excluded.updated_at_us
