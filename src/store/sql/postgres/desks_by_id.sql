-- BETWEEN and ORDER BY: of the indexes only the right one gives this order, so that it is taken whatever the planner believes.
SELECT found.*
FROM unnest($2::bytea[]) AS asked (key)
CROSS JOIN LATERAL (
    SELECT
        d.desk_id, d.code, d.kind, d.unit_key, d.agent, d.liquidated_to, d.revision, d.registered_position,
        d.last_position, d.updated_at_us
    FROM desks AS d
    WHERE d.log_id = $1 AND d.desk_id BETWEEN asked.key AND asked.key
    ORDER BY d.desk_id
    LIMIT 1
) AS found
