DELETE FROM list_left_out WHERE log_id = $1
