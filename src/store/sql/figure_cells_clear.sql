DELETE FROM figure_cells WHERE log_id = $1
