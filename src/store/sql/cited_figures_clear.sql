DELETE FROM cited_figures WHERE log_id = $1
