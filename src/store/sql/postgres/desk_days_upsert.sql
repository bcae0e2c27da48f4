INSERT INTO desk_days (
    log_id, desk_id, day, advanced_minor, paid_minor, paid_count, handed_back_minor, unclaimed_minor, unclaimed_count
)
SELECT $1, given.*
FROM unnest(
    $2::bytea[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[]
) AS given
ON CONFLICT (log_id, desk_id, day) DO UPDATE SET
    advanced_minor = excluded.advanced_minor, paid_minor = excluded.paid_minor, paid_count = excluded.paid_count,
    handed_back_minor = excluded.handed_back_minor, unclaimed_minor = excluded.unclaimed_minor,
    unclaimed_count = excluded.unclaimed_count
