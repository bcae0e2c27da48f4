INSERT INTO events (
    log_id, recorded_at_us, position, stream_id, revision, event_id, event_type, schema_version, data, metadata, leaf_hash
)
SELECT $1, $2, given.*
FROM unnest(
    $3::bigint[], $4::text[], $5::bigint[], $6::bytea[], $7::text[], $8::bigint[], $9::bytea[], $10::bytea[], $11::bytea[]
) AS given
