-- How long a key opens, and when it was used last. Keys from before open until they are revoked.
ALTER TABLE api_keys ADD COLUMN expires_at_us BIGINT; -- opens nothing from then on
ALTER TABLE api_keys ADD COLUMN used_at_us BIGINT; -- written down no more often than every few minutes
-- The secret before the last rotation, good until its holder has had time to change.
ALTER TABLE api_keys ADD COLUMN former_hash BYTEA;
ALTER TABLE api_keys ADD COLUMN former_until_us BIGINT;
