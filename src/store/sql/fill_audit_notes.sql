INSERT INTO audit_notes (log_id, note_id, noted_at_us, data)
SELECT $1, column1, column2, column3
FROM (
    VALUES ($2, $3, $4)
) AS given
WHERE column1 IS NOT NULL
