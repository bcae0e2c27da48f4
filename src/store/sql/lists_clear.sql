DELETE FROM lists WHERE log_id = $1
