-- Stream by stream, from after a place ($2, $3) on: one walk along the streams' index.
SELECT position, stream_id, revision, event_id, event_type, schema_version, recorded_at_us, data, metadata, leaf_hash
FROM events
WHERE log_id = $1 AND (stream_id, revision) > ($2, $3)
ORDER BY stream_id, revision
LIMIT $4
