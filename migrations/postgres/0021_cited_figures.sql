-- Figures that were cited, for their list; the digits are in their own streams. Of the oversight projection: no such event is older than this
-- table, so that nothing is built anew.
CREATE TABLE cited_figures (
    log_id         INTEGER NOT NULL,
    figure_id      BYTEA NOT NULL,
    definition     TEXT COLLATE "C" NOT NULL,
    title          TEXT COLLATE "C" NOT NULL,
    -- The unit asked; NULL for the whole log.
    unit_key       TEXT COLLATE "C",
    -- What was asked, as JSON; nobody searches in it.
    asked          TEXT COLLATE "C" NOT NULL,
    as_of_position BIGINT NOT NULL,
    digest         TEXT COLLATE "C" NOT NULL,
    cited_by       TEXT COLLATE "C" NOT NULL,
    cited_at_us    BIGINT NOT NULL,
    -- Grows with the log, so that a list's cursor is one number.
    cited_position BIGINT NOT NULL,
    PRIMARY KEY (log_id, figure_id)
);
CREATE INDEX cited_figures_cited ON cited_figures (log_id, cited_position);
