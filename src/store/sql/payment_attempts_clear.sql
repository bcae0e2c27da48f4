DELETE FROM payment_attempts WHERE log_id = $1
