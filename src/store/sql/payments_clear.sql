DELETE FROM payments WHERE log_id = $1
