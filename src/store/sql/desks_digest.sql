SELECT
    desk_id, code, kind, unit_key, agent, liquidated_to, revision, registered_position, last_position, updated_at_us
FROM desks
WHERE log_id = $1
ORDER BY desk_id
