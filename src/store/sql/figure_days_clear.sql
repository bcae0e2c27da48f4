DELETE FROM figure_days WHERE log_id = $1
