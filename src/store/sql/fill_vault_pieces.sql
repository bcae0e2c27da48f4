INSERT INTO vault_pieces (log_id, record_ref, subject, piece, written_at_us, ciphertext)
SELECT $1, column1, column2, column3, column4, column5
FROM (
    VALUES ($2, $3, $4, $5, $6)
) AS given
WHERE column1 IS NOT NULL
