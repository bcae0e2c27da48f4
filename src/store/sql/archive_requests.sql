SELECT caller, idempotency_key, input_hash, stream_id, first_position, event_count, revision, position
FROM requests
WHERE log_id = $1
ORDER BY caller, idempotency_key
