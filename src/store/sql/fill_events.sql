INSERT INTO events (
    log_id, position, stream_id, revision, event_id, event_type, schema_version, recorded_at_us, data, metadata, leaf_hash
)
SELECT $1, column1, column2, column3, column4, column5, column6, column7, column8, column9, column10
FROM (
    VALUES ($2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
) AS given
WHERE column1 IS NOT NULL
