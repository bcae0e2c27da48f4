-- $2: cycles; the blocks from $3 to $4 that have any of them.
SELECT block, differences FROM figure_blocks
WHERE log_id = $1
    AND block IN (
        SELECT k.block FROM figure_cycle_blocks AS k WHERE k.log_id = $1 AND k.cycle = ANY($2::text[]) AND k.block BETWEEN $3 AND $4
    )
