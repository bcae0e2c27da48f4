INSERT INTO claims (
    log_id, kind, key, stream_id
)
SELECT $1, column1, column2, column3
FROM (
    VALUES ($2, $3, $4)
) AS given
WHERE column1 IS NOT NULL
