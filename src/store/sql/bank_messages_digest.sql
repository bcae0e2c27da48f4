SELECT
    inbox_id, bank, format, version, sha256, bytes, items, judged, applied, no_op, quarantined, waiting,
    received_at_us, statements, revision, received_position, last_position, updated_at_us
FROM bank_messages
WHERE log_id = $1
ORDER BY inbox_id
