SELECT cycle, last_position FROM figure_cycles WHERE log_id = $1
