-- The analysts' view of the log, documented in docs/sql.md like those of the projections.

-- Every event without its content: what happened when.
CREATE VIEW report_events AS
SELECT
    log_id,
    position,
    stream_id,
    revision,
    event_type,
    schema_version,
    to_char(to_timestamp(recorded_at_us / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') COLLATE "C" AS recorded_at,
    recorded_at_us
FROM events;
