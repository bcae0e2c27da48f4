DELETE FROM payment_past WHERE log_id = $1
