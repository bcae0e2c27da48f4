DELETE FROM figure_cycles WHERE log_id = $1
