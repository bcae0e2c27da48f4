SELECT block, differences FROM figure_blocks WHERE log_id = $1 AND block BETWEEN $2 AND $3 ORDER BY block
