-- One row for all, as `packed.rs` reads it: handing rows from thread to thread would cost more than finding them.
SELECT CAST(group_concat(concat(
    '0 ', position, ' ', revision, ' ', schema_version, ' ', recorded_at_us, ' ',
    octet_length(stream_id), ' ', octet_length(event_id), ' ', octet_length(event_type), ' ', octet_length(data), ' ',
    octet_length(metadata), ' ', octet_length(leaf_hash), ' ',
    stream_id, event_id, event_type, data, metadata, leaf_hash
), '') AS BLOB)
FROM (
    SELECT position, stream_id, revision, event_id, event_type, schema_version, recorded_at_us, data, metadata, leaf_hash
    FROM events
    WHERE log_id = $1 AND stream_id IN (SELECT value FROM json_each($2))
    ORDER BY stream_id, revision
    LIMIT $3
) AS found
