-- One row for all, as `packed.rs` reads it: the events of the streams that hold the claims, each with its claim's number.
SELECT CAST(group_concat(concat(
    number, ' ', position, ' ', revision, ' ', schema_version, ' ', recorded_at_us, ' ',
    octet_length(stream_id), ' ', octet_length(event_id), ' ', octet_length(event_type), ' ', octet_length(data), ' ',
    octet_length(metadata), ' ', octet_length(leaf_hash), ' ',
    stream_id, event_id, event_type, data, metadata, leaf_hash
), '') AS BLOB)
FROM (
    SELECT column1 AS number, e.*
    FROM (
        VALUES (0, $1, $2)
    ) AS asked
    CROSS JOIN claims AS c
    CROSS JOIN events AS e
    WHERE c.log_id = $3 AND c.kind = column2 AND c.key = column3 AND e.log_id = c.log_id AND e.stream_id = c.stream_id
    LIMIT $4
) AS found
