-- Text is compared byte by byte (COLLATE "C") in all tables: what is unique and how lists are ordered must not depend on the server's
-- language, and must be the same on every engine.

-- The log: every fact that was ever recorded, in commit order. Rows are inserted and never changed.
-- Nothing is ever updated here, so that rows lie in the order of their positions and reading the log on walks them in one direction.
CREATE TABLE events (
    log_id         INTEGER NOT NULL,
    position       BIGINT NOT NULL,
    stream_id      TEXT COLLATE "C" NOT NULL,
    revision       BIGINT NOT NULL,
    event_id       BYTEA NOT NULL, -- 16 bytes; unique in its stream only, one id may stand in two streams
    event_type     TEXT COLLATE "C" NOT NULL,
    schema_version BIGINT NOT NULL,
    recorded_at_us BIGINT NOT NULL, -- never decreasing along the positions, so that an instant is a position
    data           BYTEA NOT NULL, -- exact bytes, since leaf_hash is over them
    metadata       BYTEA NOT NULL,
    leaf_hash      BYTEA NOT NULL, -- present from the first event, so that a signed tree can be grown over the whole log
    PRIMARY KEY (log_id, position),
    UNIQUE (log_id, stream_id, revision),
    UNIQUE (log_id, stream_id, event_id)
);

-- Where each log ends. The row's lock puts the appends of all servers in one order. Positions are taken from here inside
-- the append's transaction, which is why they have no gaps.
CREATE TABLE log_head (
    log_id              INTEGER NOT NULL PRIMARY KEY,
    next_position       BIGINT NOT NULL,
    last_recorded_at_us BIGINT NOT NULL -- a clock that goes back does not take the log with it
) WITH (fillfactor = 10); -- one row, written anew by each append: its versions stay on their page and no index is touched

-- Keys that only one stream may hold, for rules that cross streams. Can be recomputed from the events.
CREATE TABLE claims (
    log_id    INTEGER NOT NULL,
    kind      TEXT COLLATE "C" NOT NULL,
    key       BYTEA NOT NULL, -- begins with the month where there is one, so that the claims of a cycle lie together
    stream_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (log_id, kind, key)
);

-- Idempotency keys that were used, with where the first answer stands in the log. They never expire.
CREATE TABLE requests (
    log_id          INTEGER NOT NULL,
    caller          TEXT COLLATE "C" NOT NULL,
    idempotency_key TEXT COLLATE "C" NOT NULL,
    input_hash      BYTEA NOT NULL, -- keyed, since the inputs may hold personal data
    stream_id       TEXT COLLATE "C" NOT NULL,
    first_position  BIGINT, -- null for a request that changed nothing
    event_count     BIGINT NOT NULL,
    revision        BIGINT NOT NULL,
    position        BIGINT NOT NULL,
    PRIMARY KEY (log_id, caller, idempotency_key)
);

-- One data key per person, wrapped by the master key. Erasing a person is deleting this row; no event changes.
CREATE TABLE vault_keys (
    log_id      INTEGER NOT NULL,
    subject     BYTEA NOT NULL,
    wrapped_key BYTEA NOT NULL,
    PRIMARY KEY (log_id, subject)
);

-- Encrypted names, identifiers and accounts, which the log only names by record_ref. All that is held on one person is one range of
-- the primary key.
CREATE TABLE vault_records (
    log_id     INTEGER NOT NULL,
    subject    BYTEA NOT NULL,
    record_ref BYTEA NOT NULL,
    kind       TEXT COLLATE "C" NOT NULL,
    ciphertext BYTEA NOT NULL,
    PRIMARY KEY (log_id, subject, record_ref),
    UNIQUE (log_id, record_ref)
);

-- Few named values of a log's vault, such as the wrapped look-up key. Written once.
CREATE TABLE vault_meta (
    log_id INTEGER NOT NULL,
    name   TEXT COLLATE "C" NOT NULL,
    value  BYTEA NOT NULL,
    PRIMARY KEY (log_id, name)
);

-- Who may call. A key belongs to one log. Revoked keys stay, since events name them.
CREATE TABLE api_keys (
    log_id        INTEGER NOT NULL,
    key_id        TEXT COLLATE "C" NOT NULL,
    secret_hash   BYTEA NOT NULL,
    role          TEXT COLLATE "C" NOT NULL,
    unit_key      TEXT COLLATE "C", -- a clerk's unit; null where the role is not bound to one
    bank          TEXT COLLATE "C", -- a bank's own key; null for everyone else
    label         TEXT COLLATE "C" NOT NULL,
    created_at_us BIGINT NOT NULL,
    revoked_at_us BIGINT,
    PRIMARY KEY (log_id, key_id)
);
