-- Cash desks as they stand: lists by unit, and whether their days are closed.
CREATE TABLE desks (
    log_id              INTEGER NOT NULL,
    desk_id             BLOB NOT NULL,
    code                TEXT NOT NULL,
    kind                TEXT NOT NULL,
    unit_key            TEXT NOT NULL,
    agent               TEXT NOT NULL,
    -- The last day that is liquidated; NULL before the first.
    liquidated_to       TEXT,
    revision            INTEGER NOT NULL,
    registered_position INTEGER NOT NULL,
    last_position       INTEGER NOT NULL,
    updated_at_us       INTEGER NOT NULL,
    PRIMARY KEY (log_id, desk_id)
) WITHOUT ROWID;
CREATE INDEX desks_registered ON desks (log_id, registered_position);
CREATE INDEX desks_unit ON desks (log_id, unit_key, registered_position);

-- The cash book of each desk, one row a day on which anything was entered: what is held at the end of a day is the sum of all days to it.
CREATE TABLE desk_days (
    log_id            INTEGER NOT NULL,
    desk_id           BLOB NOT NULL,
    day               TEXT NOT NULL,
    advanced_minor    INTEGER NOT NULL,
    paid_minor        INTEGER NOT NULL,
    paid_count        INTEGER NOT NULL,
    -- With what nobody collected, which stands in the next column once more.
    handed_back_minor INTEGER NOT NULL,
    unclaimed_minor   INTEGER NOT NULL,
    unclaimed_count   INTEGER NOT NULL,
    PRIMARY KEY (log_id, desk_id, day)
) WITHOUT ROWID;
