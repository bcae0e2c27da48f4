-- What is older than an instant, or beyond so many; never one that still waits.
DELETE FROM webhook_deliveries
WHERE log_id = $1 AND webhook_id = $2 AND state <> 'pending'
    AND (
        updated_at_us < $3
        OR position <= COALESCE((
            SELECT k.position
            FROM webhook_deliveries AS k
            WHERE k.log_id = $1 AND k.webhook_id = $2
            ORDER BY k.position DESC
            LIMIT 1 OFFSET $4
        ), 0)
    )
