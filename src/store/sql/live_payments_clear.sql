DELETE FROM live_payments WHERE log_id = $1
