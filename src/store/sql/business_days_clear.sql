DELETE FROM business_days WHERE log_id = $1
