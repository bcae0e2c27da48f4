-- Who fills a log is alone: others may read and run projections, and whoever wants to append or make a key meanwhile waits or is told that
-- the log is not available.
LOCK TABLE log_head, events, claims, requests, vault_meta, vault_keys, vault_records, vault_pieces, api_keys,
    import_reports, checkpoints, webhook_places, webhook_deliveries, audit_notes IN EXCLUSIVE MODE
