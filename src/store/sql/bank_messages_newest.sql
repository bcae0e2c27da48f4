-- The newest first; the line marked as a filter is left out when any bank will do. $3: before this position; $4: at most so many.
SELECT
    inbox_id, bank, format, version, sha256, bytes, items, judged, applied, no_op, quarantined, waiting,
    received_at_us, statements, revision, received_position, last_position, updated_at_us
FROM bank_messages
WHERE log_id = $1
    AND bank = $2 -- filter: bank
    AND received_position < $3
ORDER BY received_position DESC
LIMIT $4
