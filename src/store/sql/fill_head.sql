INSERT INTO log_head (log_id, next_position, last_recorded_at_us)
VALUES ($1, $2, $3)
ON CONFLICT (log_id) DO UPDATE
SET next_position = excluded.next_position, last_recorded_at_us = excluded.last_recorded_at_us
