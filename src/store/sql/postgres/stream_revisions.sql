-- LATERAL with LIMIT: each name is one search in the index, whatever the planner believes of the table's size.
SELECT asked.number - 1, found.revision
FROM unnest($2::text[]) WITH ORDINALITY AS asked (stream_id, number)
CROSS JOIN LATERAL (
    SELECT e.revision
    FROM events AS e
    WHERE e.log_id = $1 AND e.stream_id = asked.stream_id
    ORDER BY e.revision DESC
    LIMIT 1
) AS found
