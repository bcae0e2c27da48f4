INSERT INTO figure_cycle_blocks (log_id, cycle, block)
SELECT $1, given.*
FROM unnest($2::text[], $3::bigint[]) AS given
ON CONFLICT (log_id, cycle, block) DO NOTHING
