-- A server that lost its turn comes with an old version, and changes nothing.
INSERT INTO webhook_places (log_id, webhook_id, position, seen_revision, failing_since_us, version)
VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (log_id, webhook_id) DO UPDATE
SET position = excluded.position, seen_revision = excluded.seen_revision, failing_since_us = excluded.failing_since_us,
    version = excluded.version
WHERE webhook_places.version = excluded.version - 1
