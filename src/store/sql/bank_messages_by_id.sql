-- $2: JSON array of ids in hex.
SELECT
    m.inbox_id, m.bank, m.format, m.version, m.sha256, m.bytes, m.items, m.judged, m.applied, m.no_op, m.quarantined,
    m.waiting, m.received_at_us, m.statements, m.revision, m.received_position, m.last_position,
    m.updated_at_us
FROM json_each($2) AS wanted
CROSS JOIN bank_messages AS m
WHERE m.log_id = $1 AND m.inbox_id = unhex(wanted.value)
