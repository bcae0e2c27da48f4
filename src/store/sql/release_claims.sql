DELETE FROM claims
WHERE
    (log_id, kind, key) IN (
        SELECT $1, column1, column2
        FROM (
            VALUES ($2, $3)
        ) AS given
    )
