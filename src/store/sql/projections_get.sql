SELECT position, recorded_at_us, error_position, error FROM projections WHERE log_id = $1 AND name = $2
