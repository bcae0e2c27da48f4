-- Figures that were cited, for their list; the digits are in their own streams. Of the oversight projection: no such event is older than this
-- table, so that nothing is built anew.
CREATE TABLE cited_figures (
    log_id         INTEGER NOT NULL,
    figure_id      BLOB NOT NULL,
    definition     TEXT NOT NULL,
    title          TEXT NOT NULL,
    -- The unit asked; NULL for the whole log.
    unit_key       TEXT,
    -- What was asked, as JSON; nobody searches in it.
    asked          TEXT NOT NULL,
    as_of_position INTEGER NOT NULL,
    digest         TEXT NOT NULL,
    cited_by       TEXT NOT NULL,
    cited_at_us    INTEGER NOT NULL,
    -- Grows with the log, so that a list's cursor is one number.
    cited_position INTEGER NOT NULL,
    PRIMARY KEY (log_id, figure_id)
) WITHOUT ROWID;
CREATE INDEX cited_figures_cited ON cited_figures (log_id, cited_position);

INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('cited_figures', 'cited_figures', '20000 20000 1'),
    ('cited_figures', 'cited_figures_cited', '20000 20000 1');
