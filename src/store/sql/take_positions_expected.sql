UPDATE OR ROLLBACK log_head
SET
    next_position = CASE WHEN next_position = $1 THEN $2 END,
    last_recorded_at_us = $3
WHERE log_id = $4
