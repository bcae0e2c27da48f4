INSERT INTO figure_days (
    log_id, cell_id, day, count, amount_minor
)
SELECT $1, given.*
FROM unnest(
    $2::bigint[], $3::text[], $4::bigint[], $5::bigint[]
) AS given
ON CONFLICT (log_id, cell_id, day) DO UPDATE SET
    count = figure_days.count + excluded.count, amount_minor = figure_days.amount_minor + excluded.amount_minor
