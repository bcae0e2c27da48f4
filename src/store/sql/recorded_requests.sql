SELECT column1, r.input_hash, r.stream_id, r.first_position, r.event_count, r.revision, r.position
FROM (
    VALUES (0, $1, $2)
) AS asked
CROSS JOIN requests AS r
WHERE r.log_id = $3 AND r.caller = column2 AND r.idempotency_key = column3
