DELETE FROM bank_items WHERE log_id = $1
