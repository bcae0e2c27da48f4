-- Of one file of SQLite's, without its WAL.
SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()
