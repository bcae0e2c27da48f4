DELETE FROM figure_cycle_blocks WHERE log_id = $1
