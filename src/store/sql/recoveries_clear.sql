DELETE FROM recoveries WHERE log_id = $1
