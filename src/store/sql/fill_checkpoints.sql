INSERT INTO checkpoints (
    log_id, size, signed_at_us, cosignatures, note
)
SELECT $1, column1, column2, column3, column4
FROM (
    VALUES ($2, $3, $4, $5)
) AS given
WHERE column1 IS NOT NULL
