-- Lines of the audit, for those who look through them: of the oversight projection. Looks at personal data and changes of banks are older
-- than this table.
CREATE TABLE audit_entries (
    log_id         INTEGER NOT NULL,
    position       BIGINT NOT NULL,
    recorded_at_us BIGINT NOT NULL,
    kind           TEXT COLLATE "C" NOT NULL,
    actor          TEXT COLLATE "C", -- a key's id; null where nobody had one
    operation      TEXT COLLATE "C" NOT NULL,
    code           TEXT COLLATE "C",
    object         TEXT COLLATE "C",
    purpose        TEXT COLLATE "C",
    count          BIGINT NOT NULL,
    about          TEXT COLLATE "C" NOT NULL, -- JSON; nobody searches in it
    PRIMARY KEY (log_id, position)
);

-- The table is of the whole log: the rows are built again.
DELETE FROM projections WHERE name = 'oversight';
DELETE FROM recoveries;
DELETE FROM approvals;
DELETE FROM cited_figures;

