-- Changes of banks and keys wait for a second person too: they belong to no unit and are about no money. So is erasing. A column's NOT NULL
-- is not taken away here: the table is made anew, with its rows.
ALTER TABLE approvals RENAME TO approvals_before;
DROP INDEX approvals_requested;
CREATE TABLE approvals (
    log_id             INTEGER NOT NULL,
    approval_id        BLOB NOT NULL,
    action             TEXT NOT NULL,
    -- The stream that it is about; a key has none, and is named like one.
    object             TEXT NOT NULL,
    unit_key           TEXT, -- null for banks and keys
    amount_minor       INTEGER, -- null where it is about no money
    currency           TEXT,
    -- As recorded: that one expired is told by expires_at_us.
    state              TEXT NOT NULL,
    requested_by       TEXT NOT NULL,
    decided_by         TEXT,
    failure            TEXT,
    requested_at_us    INTEGER NOT NULL,
    expires_at_us      INTEGER NOT NULL,
    revision           INTEGER NOT NULL,
    requested_position INTEGER NOT NULL,
    last_position      INTEGER NOT NULL,
    updated_at_us      INTEGER NOT NULL,
    PRIMARY KEY (log_id, approval_id)
) WITHOUT ROWID;
INSERT INTO approvals SELECT * FROM approvals_before;
DROP TABLE approvals_before;
CREATE INDEX approvals_requested ON approvals (log_id, requested_position);

DELETE FROM sqlite_stat1 WHERE tbl IN ('approvals', 'approvals_before');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('approvals', 'approvals', '20000 20000 1'),
    ('approvals', 'approvals_requested', '20000 20000 1');
