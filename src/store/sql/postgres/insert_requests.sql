INSERT INTO requests (
    log_id, caller, idempotency_key, input_hash, stream_id, first_position, event_count, revision, position
)
SELECT $1, given.*
FROM unnest(
    $2::text[], $3::text[], $4::bytea[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[]
) AS given
