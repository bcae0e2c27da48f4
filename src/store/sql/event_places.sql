SELECT column1, e.revision, e.position, e.recorded_at_us
FROM (
    VALUES (0, $1, $2)
) AS asked
CROSS JOIN events AS e
WHERE e.log_id = $3 AND e.stream_id = column2 AND e.event_id = column3
