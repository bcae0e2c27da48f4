INSERT INTO lists (
    log_id, list_id, cycle, channel, agent, currency, origin, previous, prepared_by, stage, item_count, sum_minor,
    left_out, units, banks, blocking, approved_by, answer, advanced_minor, paid_items, paid_minor, unpaid_items,
    unpaid_minor, handed_back_minor, revision, opened_position, last_position, opened_at_us, updated_at_us
)
SELECT $1, given.*
FROM unnest(
    $2::bytea[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::text[],
    $11::bigint[], $12::bigint[], $13::bigint[], $14::text[], $15::text[], $16::bigint[], $17::text[], $18::text[],
    $19::bigint[], $20::bigint[], $21::bigint[], $22::bigint[], $23::bigint[], $24::bigint[], $25::bigint[],
    $26::bigint[], $27::bigint[], $28::bigint[], $29::bigint[]
) AS given
ON CONFLICT (log_id, list_id) DO UPDATE SET
    cycle = excluded.cycle, channel = excluded.channel, agent = excluded.agent, currency = excluded.currency,
    origin = excluded.origin, previous = excluded.previous, prepared_by = excluded.prepared_by,
    stage = excluded.stage, item_count = excluded.item_count, sum_minor = excluded.sum_minor,
    left_out = excluded.left_out, units = excluded.units, banks = excluded.banks, blocking = excluded.blocking,
    approved_by = excluded.approved_by, answer = excluded.answer, advanced_minor = excluded.advanced_minor,
    paid_items = excluded.paid_items, paid_minor = excluded.paid_minor, unpaid_items = excluded.unpaid_items,
    unpaid_minor = excluded.unpaid_minor, handed_back_minor = excluded.handed_back_minor,
    revision = excluded.revision, opened_position = excluded.opened_position, last_position = excluded.last_position,
    opened_at_us = excluded.opened_at_us, updated_at_us = excluded.updated_at_us
