INSERT INTO events (
    log_id, position, stream_id, revision, event_id, event_type, schema_version, recorded_at_us, data, metadata, leaf_hash
)
SELECT $1, given.*
FROM unnest(
    $2::bigint[], $3::text[], $4::bigint[], $5::bytea[], $6::text[], $7::bigint[], $8::bigint[], $9::bytea[], $10::bytea[],
    $11::bytea[]
) AS given
