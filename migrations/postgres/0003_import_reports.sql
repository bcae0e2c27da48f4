-- What an import found, row by row (what is personal is masked), so that a clerk can read it again. The facts are in the log.
CREATE TABLE import_reports (
    log_id        INTEGER NOT NULL,
    import_id     BYTEA NOT NULL, -- UUIDv7: newest last
    actor         TEXT COLLATE "C" NOT NULL, -- a clerk of one unit reads only own reports
    report        BYTEA NOT NULL, -- JSON
    PRIMARY KEY (log_id, import_id)
);
