-- The log from after $2 up to $3 in parts of $4 positions, a row each, as `packed.rs` reads it.
WITH RECURSIVE parts (after) AS (
    SELECT $2
    UNION ALL
    SELECT after + $4 FROM parts
    WHERE after + $4 < min($3, (SELECT next_position - 1 FROM log_head WHERE log_id = $1))
)
SELECT (
    SELECT CAST(group_concat(concat(
        '0 ', position, ' ', revision, ' ', schema_version, ' ', recorded_at_us, ' ',
        octet_length(stream_id), ' ', octet_length(event_id), ' ', octet_length(event_type), ' ', octet_length(data), ' ',
        octet_length(metadata), ' ', octet_length(leaf_hash), ' ',
        stream_id, event_id, event_type, data, metadata, leaf_hash
    ), '') AS BLOB)
    FROM events
    WHERE log_id = $1 AND position > after AND position <= min(after + $4, $3)
)
FROM parts
