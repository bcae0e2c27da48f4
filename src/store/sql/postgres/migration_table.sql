SELECT to_regclass('_sqlx_migrations')::text WHERE to_regclass('_sqlx_migrations') IS NOT NULL
