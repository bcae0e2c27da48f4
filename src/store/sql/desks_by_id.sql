-- $2: JSON array of ids in hex.
SELECT
    d.desk_id, d.code, d.kind, d.unit_key, d.agent, d.liquidated_to, d.revision, d.registered_position,
    d.last_position, d.updated_at_us
FROM json_each($2) AS wanted
CROSS JOIN desks AS d
WHERE d.log_id = $1 AND d.desk_id = unhex(wanted.value)
