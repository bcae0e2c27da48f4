UPDATE projections SET position = 0, recorded_at_us = 0, error_position = NULL, error = NULL, generation = generation + 1
WHERE log_id = $1 AND name = $2
