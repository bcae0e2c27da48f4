DELETE FROM projections WHERE log_id = $1 AND name = $2
