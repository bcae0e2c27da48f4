SELECT
    pg_database_size(current_database()),
    pg_total_relation_size('vault_keys') + pg_total_relation_size('vault_records') + pg_total_relation_size('vault_pieces')
