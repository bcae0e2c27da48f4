SELECT current_setting('server_encoding'), current_setting('server_version_num')::bigint, current_setting('fsync')
