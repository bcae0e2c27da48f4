DELETE FROM claims
WHERE
    log_id = $1
    AND (kind, key) IN (
        VALUES ($2, $3)
    )
