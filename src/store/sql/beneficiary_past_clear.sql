DELETE FROM beneficiary_past WHERE log_id = $1
