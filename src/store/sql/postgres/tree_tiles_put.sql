INSERT INTO tree_tiles (
    log_id, level, number, hashes
)
SELECT $1, given.*
FROM unnest(
    $2::bigint[], $3::bigint[], $4::bytea[]
) AS given
ON CONFLICT (log_id, level, number) DO UPDATE SET hashes = excluded.hashes
