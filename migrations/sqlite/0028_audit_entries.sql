-- Lines of the audit, for those who look through them: of the oversight projection. Looks at personal data and changes of banks are older
-- than this table.
CREATE TABLE audit_entries (
    log_id         INTEGER NOT NULL,
    position       INTEGER NOT NULL,
    recorded_at_us INTEGER NOT NULL,
    kind           TEXT    NOT NULL,
    actor          TEXT, -- a key's id; null where nobody had one
    operation      TEXT    NOT NULL,
    code           TEXT,
    object         TEXT,
    purpose        TEXT,
    count          INTEGER NOT NULL,
    about          TEXT    NOT NULL, -- JSON; nobody searches in it
    PRIMARY KEY (log_id, position)
) WITHOUT ROWID;

-- The table is of the whole log: the rows are built again.
DELETE FROM projections WHERE name = 'oversight';
DELETE FROM recoveries;
DELETE FROM approvals;
DELETE FROM cited_figures;

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('audit_entries', 'audit_entries', '200000 200000 1');
