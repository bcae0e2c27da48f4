-- The line marked as a filter is left out when it is not set. $2: JSON array of units; $3: after this position; $4: at most so many.
SELECT
    figure_id, definition, title, unit_key, asked, as_of_position, digest, cited_by, cited_at_us, cited_position
FROM cited_figures
WHERE log_id = $1
    AND unit_key IN (SELECT value FROM json_each($2)) -- filter: units
    AND cited_position > $3
ORDER BY cited_position
LIMIT $4
