DELETE FROM list_items WHERE log_id = $1
