DELETE FROM bank_messages WHERE log_id = $1
