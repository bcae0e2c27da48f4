DELETE FROM desks WHERE log_id = $1
