DELETE FROM webhook_places WHERE log_id = $1 AND webhook_id = $2
