INSERT INTO import_reports (log_id, import_id, actor, report) VALUES ($1, $2, $3, $4)
ON CONFLICT (log_id, import_id) DO UPDATE SET report = excluded.report
