-- What the log signed of itself, and the cosignatures of witnesses: promises to others, which no replay gives again.
CREATE TABLE checkpoints (
    log_id       INTEGER NOT NULL,
    size         BIGINT NOT NULL, -- how many events the signed root is over
    signed_at_us BIGINT NOT NULL,
    cosignatures BIGINT NOT NULL, -- how many witnesses stand in the note, so that the last cosigned one is found
    note         BYTEA NOT NULL, -- exact bytes, since signatures are over them
    PRIMARY KEY (log_id, size)
);

CREATE INDEX checkpoints_cosigned ON checkpoints (log_id, size) WHERE cosignatures > 0;
