DELETE FROM payment_changes WHERE log_id = $1
