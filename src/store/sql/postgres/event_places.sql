SELECT asked.number - 1, found.revision, found.position, found.recorded_at_us
FROM unnest($2::text[], $3::bytea[]) WITH ORDINALITY AS asked (stream_id, event_id, number)
CROSS JOIN LATERAL (
    SELECT e.revision, e.position, e.recorded_at_us
    FROM events AS e
    WHERE e.log_id = $1 AND e.stream_id = asked.stream_id AND e.event_id = asked.event_id
    LIMIT 1
) AS found
