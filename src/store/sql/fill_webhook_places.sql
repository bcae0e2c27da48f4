INSERT INTO webhook_places (
    log_id, webhook_id, position, seen_revision, failing_since_us, version
)
SELECT $1, column1, column2, column3, column4, column5
FROM (
    VALUES ($2, $3, $4, $5, $6)
) AS given
WHERE column1 IS NOT NULL
