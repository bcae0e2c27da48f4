SELECT e.position, e.stream_id, e.revision, e.event_id, e.event_type, e.schema_version, e.recorded_at_us, e.data, e.metadata, e.leaf_hash
FROM json_each($2) AS asked
CROSS JOIN events AS e
WHERE e.log_id = $1 AND e.stream_id = asked.value
ORDER BY e.stream_id, e.revision
LIMIT $3
