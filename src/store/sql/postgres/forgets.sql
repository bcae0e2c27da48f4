-- As this session has them, which sets synchronous_commit for itself.
SELECT current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit')
