-- $2: JSON array of rows. `WHERE true` keeps the parser from taking ON for a join.
INSERT INTO bank_messages (
    log_id,
    inbox_id, bank, format, version, sha256, bytes, items, judged, applied, no_op, quarantined, waiting,
    received_at_us, statements, revision, received_position, last_position, updated_at_us
)
SELECT
    $1,
    unhex(value ->> 0), value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7,
    value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->> 13, value ->> 14, value ->> 15,
    value ->> 16, value ->> 17
FROM jsonb_each($2)
WHERE true
ON CONFLICT (log_id, inbox_id) DO UPDATE SET
    judged = excluded.judged, applied = excluded.applied, no_op = excluded.no_op, quarantined = excluded.quarantined,
    waiting = excluded.waiting, revision = excluded.revision, last_position = excluded.last_position,
    updated_at_us = excluded.updated_at_us
