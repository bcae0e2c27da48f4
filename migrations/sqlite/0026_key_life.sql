-- How long a key opens, and when it was used last. Keys from before open until they are revoked.
ALTER TABLE api_keys ADD COLUMN expires_at_us INTEGER; -- opens nothing from then on
ALTER TABLE api_keys ADD COLUMN used_at_us INTEGER; -- written down no more often than every few minutes
-- The secret before the last rotation, good until its holder has had time to change.
ALTER TABLE api_keys ADD COLUMN former_hash BLOB;
ALTER TABLE api_keys ADD COLUMN former_until_us INTEGER;
