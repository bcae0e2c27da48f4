SELECT COALESCE(MAX(cell_id), 0) FROM figure_cells WHERE log_id = $1
