-- Cash desks as they stand: lists by unit, and whether their days are closed.
CREATE TABLE desks (
    log_id              INTEGER NOT NULL,
    desk_id             BYTEA NOT NULL,
    code                TEXT COLLATE "C" NOT NULL,
    kind                TEXT COLLATE "C" NOT NULL,
    unit_key            TEXT COLLATE "C" NOT NULL,
    agent               TEXT COLLATE "C" NOT NULL,
    -- The last day that is liquidated; NULL before the first.
    liquidated_to       TEXT COLLATE "C",
    revision            BIGINT NOT NULL,
    registered_position BIGINT NOT NULL,
    last_position       BIGINT NOT NULL,
    updated_at_us       BIGINT NOT NULL,
    PRIMARY KEY (log_id, desk_id)
);
CREATE INDEX desks_registered ON desks (log_id, registered_position);
CREATE INDEX desks_unit ON desks (log_id, unit_key, registered_position);

-- The cash book of each desk, one row a day on which anything was entered: what is held at the end of a day is the sum of all days to it.
CREATE TABLE desk_days (
    log_id            INTEGER NOT NULL,
    desk_id           BYTEA NOT NULL,
    day               TEXT COLLATE "C" NOT NULL,
    advanced_minor    BIGINT NOT NULL,
    paid_minor        BIGINT NOT NULL,
    paid_count        BIGINT NOT NULL,
    -- With what nobody collected, which stands in the next column once more.
    handed_back_minor BIGINT NOT NULL,
    unclaimed_minor   BIGINT NOT NULL,
    unclaimed_count   BIGINT NOT NULL,
    PRIMARY KEY (log_id, desk_id, day)
);
