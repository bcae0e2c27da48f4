INSERT INTO figure_blocks (
    log_id, block, differences
)
SELECT $1, given.*
FROM unnest(
    $2::bigint[], $3::bytea[]
) AS given
ON CONFLICT (log_id, block) DO UPDATE SET differences = excluded.differences
