SELECT next_position, last_recorded_at_us
FROM log_head
WHERE log_id = $1
