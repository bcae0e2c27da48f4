SELECT webhook_id, position, seen_revision, failing_since_us, version
FROM webhook_places
WHERE log_id = $1 AND webhook_id = $2
