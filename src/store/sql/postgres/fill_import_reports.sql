INSERT INTO import_reports (log_id, import_id, actor, report)
SELECT $1, given.*
FROM unnest($2::bytea[], $3::text[], $4::bytea[]) AS given
