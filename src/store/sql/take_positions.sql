UPDATE log_head
SET next_position = next_position + $1, last_recorded_at_us = $2
WHERE log_id = $3
RETURNING next_position
