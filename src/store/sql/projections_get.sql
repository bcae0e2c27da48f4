SELECT position, recorded_at_us, error_position, error, generation FROM projections WHERE log_id = $1 AND name = $2
