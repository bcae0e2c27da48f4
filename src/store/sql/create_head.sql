INSERT INTO log_head (log_id, next_position, last_recorded_at_us)
VALUES ($1, 1, 0)
ON CONFLICT (log_id) DO NOTHING
