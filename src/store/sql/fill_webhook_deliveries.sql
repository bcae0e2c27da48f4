INSERT INTO webhook_deliveries (
    log_id, webhook_id, position, event_id, kind, state, tries, next_try_us, updated_at_us, answers
)
SELECT $1, column1, column2, column3, column4, column5, column6, column7, column8, column9
FROM (
    VALUES ($2, $3, $4, $5, $6, $7, $8, $9, $10)
) AS given
WHERE column1 IS NOT NULL
