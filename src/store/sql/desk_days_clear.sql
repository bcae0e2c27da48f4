DELETE FROM desk_days WHERE log_id = $1
