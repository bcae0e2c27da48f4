-- The newest of a bank; the line marked as a filter is left out when any format will do.
SELECT
    inbox_id, bank, format, version, sha256, bytes, items, judged, applied, no_op, quarantined, waiting,
    received_at_us, statements, revision, received_position, last_position, updated_at_us
FROM bank_messages
WHERE log_id = $1
    AND bank = $2
    AND format = $3 -- filter: format
ORDER BY received_position DESC
LIMIT 1
