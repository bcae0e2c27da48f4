DELETE FROM tree_tiles WHERE log_id = $1
