-- Held until the transaction ends: no other writer of the log, on any server, comes in between.
SELECT next_position, last_recorded_at_us
FROM log_head
WHERE log_id = $1
FOR UPDATE
