INSERT INTO bank_messages (
    log_id,
    inbox_id, bank, format, version, sha256, bytes, items, judged, applied, no_op, quarantined, waiting,
    received_at_us, statements, revision, received_position, last_position, updated_at_us
)
SELECT $1, given.*
FROM unnest(
    $2::bytea[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[], $9::bigint[],
    $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[], $15::text[], $16::bigint[],
    $17::bigint[], $18::bigint[], $19::bigint[]
) AS given
ON CONFLICT (log_id, inbox_id) DO UPDATE SET
    judged = excluded.judged, applied = excluded.applied, no_op = excluded.no_op, quarantined = excluded.quarantined,
    waiting = excluded.waiting, revision = excluded.revision, last_position = excluded.last_position,
    updated_at_us = excluded.updated_at_us
