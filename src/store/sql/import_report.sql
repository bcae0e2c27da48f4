SELECT import_id, actor, report FROM import_reports WHERE log_id = $1 AND import_id = $2
