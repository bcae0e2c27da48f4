-- What those did who run the log, from processes that do not append to it (a key made beside a server): kept until a server writes it into
-- the log. Empty nearly always.
CREATE TABLE audit_notes (
    log_id      INTEGER NOT NULL,
    note_id     BLOB    NOT NULL, -- the event's id: writing it twice writes it once
    noted_at_us INTEGER NOT NULL,
    data        BLOB    NOT NULL, -- the event's
    PRIMARY KEY (log_id, note_id)
) STRICT, WITHOUT ROWID;
