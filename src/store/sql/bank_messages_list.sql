-- Each line marked as a filter is left out when its filter is not set. $4: after this position; $5: at most so many.
SELECT
    inbox_id, bank, format, version, sha256, bytes, items, judged, applied, no_op, quarantined, waiting,
    received_at_us, statements, revision, received_position, last_position, updated_at_us
FROM bank_messages
WHERE log_id = $1
    AND bank = $2 -- filter: bank
    AND format = $3 -- filter: format
    AND judged = 0 -- filter: unjudged
    AND waiting > 0 -- filter: waiting
    AND received_position > $4
ORDER BY received_position
LIMIT $5
