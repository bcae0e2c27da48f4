-- The first table of a log that has rows. Projections are not asked: what is filled has them emptied.
SELECT 'events' AS occupied WHERE EXISTS (SELECT 1 FROM events WHERE log_id = $1)
UNION ALL
SELECT 'claims' WHERE EXISTS (SELECT 1 FROM claims WHERE log_id = $1)
UNION ALL
SELECT 'requests' WHERE EXISTS (SELECT 1 FROM requests WHERE log_id = $1)
UNION ALL
SELECT 'vault_meta' WHERE EXISTS (SELECT 1 FROM vault_meta WHERE log_id = $1)
UNION ALL
SELECT 'vault_keys' WHERE EXISTS (SELECT 1 FROM vault_keys WHERE log_id = $1)
UNION ALL
SELECT 'vault_records' WHERE EXISTS (SELECT 1 FROM vault_records WHERE log_id = $1)
UNION ALL
SELECT 'vault_pieces' WHERE EXISTS (SELECT 1 FROM vault_pieces WHERE log_id = $1)
UNION ALL
SELECT 'api_keys' WHERE EXISTS (SELECT 1 FROM api_keys WHERE log_id = $1)
UNION ALL
SELECT 'import_reports' WHERE EXISTS (SELECT 1 FROM import_reports WHERE log_id = $1)
UNION ALL
SELECT 'checkpoints' WHERE EXISTS (SELECT 1 FROM checkpoints WHERE log_id = $1)
UNION ALL
SELECT 'webhook_places' WHERE EXISTS (SELECT 1 FROM webhook_places WHERE log_id = $1)
UNION ALL
SELECT 'webhook_deliveries' WHERE EXISTS (SELECT 1 FROM webhook_deliveries WHERE log_id = $1)
UNION ALL
SELECT 'audit_notes' WHERE EXISTS (SELECT 1 FROM audit_notes WHERE log_id = $1)
LIMIT 1
