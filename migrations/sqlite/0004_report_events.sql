-- The analysts' view of the log, documented in docs/sql.md like those of the projections. In a migration of its own, since SQLite keeps
-- the projections' tables in another file, and a view cannot look into two.

-- Every event without its content: what happened when.
CREATE VIEW report_events AS
SELECT
    log_id,
    position,
    stream_id,
    revision,
    event_type,
    schema_version,
    strftime('%Y-%m-%dT%H:%M:%SZ', recorded_at_us / 1000000, 'unixepoch') AS recorded_at,
    recorded_at_us
FROM events;
