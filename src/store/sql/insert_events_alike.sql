-- Events of one type, version, revision and metadata at positions that follow one another: what they share is bound once.
INSERT OR ROLLBACK INTO events (
    log_id, recorded_at_us, position, event_type, schema_version, revision, metadata, stream_id, event_id, data, leaf_hash
)
SELECT $1, $2, $3 + column1, $4, $5, $6, $7, column2, column3, column4, column5
FROM (
    VALUES (0, $8, $9, $10, $11)
) AS given
WHERE column2 IS NOT NULL
