-- The Merkle tree over the events' leaf hashes, in tiles of 256: a proof reads a few of them instead of the log.
CREATE TABLE tree_tiles (
    log_id INTEGER NOT NULL,
    level  BIGINT NOT NULL, -- 0: leaves; 1: roots of 256 leaves; 2: roots of 65,536 ...
    number BIGINT NOT NULL,
    hashes BYTEA NOT NULL, -- 32 bytes each; fewer than 256 in the last tile of a level
    PRIMARY KEY (log_id, level, number)
);
