-- The log: every fact that was ever recorded, in commit order. Rows are inserted and never changed.
-- WITHOUT ROWID: the table is the (log_id, position) tree itself, so that reading the log on is one walk and an append goes to its end.
CREATE TABLE events (
    log_id         INTEGER NOT NULL,
    position       INTEGER NOT NULL,
    stream_id      TEXT    NOT NULL,
    revision       INTEGER NOT NULL,
    event_id       BLOB    NOT NULL, -- 16 bytes; unique in its stream only, one id may stand in two streams
    event_type     TEXT    NOT NULL,
    schema_version INTEGER NOT NULL,
    recorded_at_us INTEGER NOT NULL, -- never decreasing along the positions, so that an instant is a position
    data           BLOB    NOT NULL, -- exact bytes, since leaf_hash is over them
    metadata       BLOB    NOT NULL,
    leaf_hash      BLOB    NOT NULL, -- present from the first event, so that a signed tree can be grown over the whole log
    PRIMARY KEY (log_id, position),
    UNIQUE (log_id, stream_id, revision),
    UNIQUE (log_id, stream_id, event_id)
) STRICT, WITHOUT ROWID;

-- Where each log ends. Positions are taken from here inside the append's transaction, which is why they have no gaps.
CREATE TABLE log_head (
    log_id              INTEGER NOT NULL PRIMARY KEY,
    next_position       INTEGER NOT NULL,
    last_recorded_at_us INTEGER NOT NULL -- a clock that goes back does not take the log with it
) STRICT;

-- Keys that only one stream may hold, for rules that cross streams. Can be recomputed from the events.
CREATE TABLE claims (
    log_id    INTEGER NOT NULL,
    kind      TEXT    NOT NULL,
    key       BLOB    NOT NULL, -- begins with the month where there is one, so that the claims of a cycle lie together
    stream_id TEXT    NOT NULL,
    PRIMARY KEY (log_id, kind, key)
) STRICT, WITHOUT ROWID;

-- Idempotency keys that were used, with where the first answer stands in the log. They never expire.
CREATE TABLE requests (
    log_id          INTEGER NOT NULL,
    caller          TEXT    NOT NULL,
    idempotency_key TEXT    NOT NULL,
    input_hash      BLOB    NOT NULL, -- keyed, since the inputs may hold personal data
    stream_id       TEXT    NOT NULL,
    first_position  INTEGER,          -- null for a request that changed nothing
    event_count     INTEGER NOT NULL,
    revision        INTEGER NOT NULL,
    position        INTEGER NOT NULL,
    PRIMARY KEY (log_id, caller, idempotency_key)
) STRICT, WITHOUT ROWID;

-- One data key per person, wrapped by the master key. Erasing a person is deleting this row; no event changes.
CREATE TABLE vault_keys (
    log_id      INTEGER NOT NULL,
    subject     BLOB    NOT NULL,
    wrapped_key BLOB    NOT NULL,
    PRIMARY KEY (log_id, subject)
) STRICT, WITHOUT ROWID;

-- Encrypted names, identifiers and accounts, which the log only names by record_ref. All that is held on one person is one range of
-- the primary key.
CREATE TABLE vault_records (
    log_id     INTEGER NOT NULL,
    subject    BLOB    NOT NULL,
    record_ref BLOB    NOT NULL,
    kind       TEXT    NOT NULL,
    ciphertext BLOB    NOT NULL,
    PRIMARY KEY (log_id, subject, record_ref),
    UNIQUE (log_id, record_ref)
) STRICT, WITHOUT ROWID;

-- Few named values of a log's vault, such as the wrapped look-up key. Written once.
CREATE TABLE vault_meta (
    log_id INTEGER NOT NULL,
    name   TEXT    NOT NULL,
    value  BLOB    NOT NULL,
    PRIMARY KEY (log_id, name)
) STRICT, WITHOUT ROWID;

-- Who may call. A key belongs to one log. Revoked keys stay, since events name them.
CREATE TABLE api_keys (
    log_id        INTEGER NOT NULL,
    key_id        TEXT    NOT NULL,
    secret_hash   BLOB    NOT NULL,
    role          TEXT    NOT NULL,
    unit_key      TEXT, -- a clerk's unit; null where the role is not bound to one
    bank          TEXT, -- a bank's own key; null for everyone else
    label         TEXT    NOT NULL,
    created_at_us INTEGER NOT NULL,
    revoked_at_us INTEGER,
    PRIMARY KEY (log_id, key_id)
) STRICT, WITHOUT ROWID;

-- What the planner believes of these tables. Without it a log's number is taken for a good key, though nearly all rows have the same
-- one, and joins walk the whole log. Each row: rows of the index, then rows for each value of its first column, first two columns ...
ANALYZE sqlite_schema;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('events', 'events', '1000000 1000000 1'),
    ('events', 'sqlite_autoindex_events_2', '1000000 1000000 3 1'),
    ('events', 'sqlite_autoindex_events_3', '1000000 1000000 3 1'),
    ('claims', 'claims', '2000000 2000000 700000 1'),
    ('requests', 'requests', '100000 100000 10000 1'),
    ('vault_keys', 'vault_keys', '300000 300000 1'),
    ('vault_records', 'vault_records', '1000000 1000000 4 1'),
    ('vault_records', 'sqlite_autoindex_vault_records_2', '1000000 1000000 1');
