INSERT OR ROLLBACK INTO requests (
    log_id, caller, idempotency_key, input_hash, stream_id, first_position, event_count, revision, position
)
SELECT $1, column1, column2, column3, column4, column5, column6, column7, column8
FROM (
    VALUES ($2, $3, $4, $5, $6, $7, $8, $9)
) AS given
WHERE column1 IS NOT NULL
