DELETE FROM figure_blocks WHERE log_id = $1
