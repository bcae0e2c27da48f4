SELECT import_id, actor, report
FROM import_reports
WHERE log_id = $1
ORDER BY import_id
