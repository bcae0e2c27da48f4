SELECT
    e.position,
    e.stream_id,
    e.revision,
    e.event_id,
    e.event_type,
    e.schema_version,
    e.recorded_at_us,
    e.data,
    e.metadata,
    e.leaf_hash,
    column1
FROM (
    VALUES (0, $1, $2)
) AS asked
CROSS JOIN claims AS c
CROSS JOIN events AS e
WHERE c.log_id = $3 AND c.kind = column2 AND c.key = column3 AND e.log_id = c.log_id AND e.stream_id = c.stream_id
LIMIT $4
