SELECT hashes FROM tree_tiles WHERE log_id = $1 AND level = $2 AND number = $3
