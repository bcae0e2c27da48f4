-- $2: JSON array of rows. `WHERE true` keeps the parser from taking ON for a join.
INSERT INTO lists (
    log_id, list_id, cycle, channel, agent, currency, origin, previous, prepared_by, stage, item_count, sum_minor,
    left_out, units, banks, blocking, approved_by, answer, advanced_minor, paid_items, paid_minor, unpaid_items,
    unpaid_minor, handed_back_minor, revision, opened_position, last_position, opened_at_us, updated_at_us
)
SELECT
    $1, unhex(value ->> 0), value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
    value ->> 7, value ->> 8, value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->> 13, value ->> 14,
    value ->> 15, value ->> 16, value ->> 17, value ->> 18, value ->> 19, value ->> 20, value ->> 21, value ->> 22,
    value ->> 23, value ->> 24, value ->> 25, value ->> 26, value ->> 27
FROM jsonb_each($2)
WHERE true
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
