SELECT asked.number - 1, found.input_hash, found.stream_id, found.first_position, found.event_count, found.revision, found.position
FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS asked (caller, idempotency_key, number)
CROSS JOIN LATERAL (
    SELECT r.input_hash, r.stream_id, r.first_position, r.event_count, r.revision, r.position
    FROM requests AS r
    WHERE r.log_id = $1 AND r.caller = asked.caller AND r.idempotency_key = asked.idempotency_key
    LIMIT 1
) AS found
