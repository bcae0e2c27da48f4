DELETE FROM webhook_deliveries WHERE log_id = $1 AND webhook_id = $2
