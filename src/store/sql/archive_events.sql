SELECT position, stream_id, revision, event_id, event_type, schema_version, recorded_at_us, data, metadata, leaf_hash
FROM events
WHERE log_id = $1
ORDER BY position
