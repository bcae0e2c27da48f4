-- $2: JSON array of rows. `WHERE true` keeps the parser from taking ON for a join.
INSERT INTO desk_days (
    log_id, desk_id, day, advanced_minor, paid_minor, paid_count, handed_back_minor, unclaimed_minor, unclaimed_count
)
SELECT
    $1, unhex(value ->> 0), value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7
FROM jsonb_each($2)
WHERE true
ON CONFLICT (log_id, desk_id, day) DO UPDATE SET
    advanced_minor = excluded.advanced_minor, paid_minor = excluded.paid_minor, paid_count = excluded.paid_count,
    handed_back_minor = excluded.handed_back_minor, unclaimed_minor = excluded.unclaimed_minor,
    unclaimed_count = excluded.unclaimed_count
