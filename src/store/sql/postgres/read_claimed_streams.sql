SELECT
    e.position, e.stream_id, e.revision, e.event_id, e.event_type, e.schema_version, e.recorded_at_us, e.data, e.metadata,
    e.leaf_hash, asked.number - 1
FROM unnest($2::text[], $3::bytea[]) WITH ORDINALITY AS asked (kind, key, number)
CROSS JOIN LATERAL (
    SELECT c.stream_id
    FROM claims AS c
    WHERE c.log_id = $1 AND c.kind = asked.kind AND c.key = asked.key
    LIMIT 1
) AS held
CROSS JOIN LATERAL (
    SELECT
        r.position, r.stream_id, r.revision, r.event_id, r.event_type, r.schema_version, r.recorded_at_us, r.data, r.metadata,
        r.leaf_hash
    FROM events AS r
    WHERE r.log_id = $1 AND r.stream_id = held.stream_id
    ORDER BY r.revision
    OFFSET 0
) AS e
LIMIT $4
