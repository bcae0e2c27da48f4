INSERT INTO figure_cycles (log_id, cycle, last_position)
SELECT $1, given.*
FROM unnest($2::text[], $3::bigint[]) AS given
ON CONFLICT (log_id, cycle) DO UPDATE SET last_position = excluded.last_position
