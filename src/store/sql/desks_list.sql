-- The line marked as a filter is left out when it is not set. $2: JSON array of units; $3: after this position; $4: at most so many.
SELECT
    desk_id, code, kind, unit_key, agent, liquidated_to, revision, registered_position, last_position, updated_at_us
FROM desks
WHERE log_id = $1
    AND unit_key IN (SELECT value FROM json_each($2)) -- filter: units
    AND registered_position > $3
ORDER BY registered_position
LIMIT $4
