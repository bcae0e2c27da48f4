-- Bytes that are too long for one row of vault_records: a bank's statement of a million entries, sealed piece by piece, so that nobody
-- ever holds it whole. Each belongs to the record of its reference, which says how many there are; a piece whose record never came is what
-- a crash left, and is swept. Not WITHOUT ROWID: a row is far longer than a page.
CREATE TABLE vault_pieces (
    log_id        INTEGER NOT NULL,
    subject       BLOB    NOT NULL,
    record_ref    BLOB    NOT NULL,
    piece         INTEGER NOT NULL, -- from 0
    written_at_us INTEGER NOT NULL, -- tells what a crash left from what is being written
    ciphertext    BLOB    NOT NULL,
    PRIMARY KEY (log_id, subject, record_ref, piece)
) STRICT;

-- One entry for each long record, for the sweep.
CREATE INDEX vault_pieces_first ON vault_pieces (log_id, written_at_us) WHERE piece = 0;

-- What the planner believes of it, as for the others.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
    ('vault_pieces', 'sqlite_autoindex_vault_pieces_1', '1000000 1000000 1000 1000 1'),
    ('vault_pieces', 'vault_pieces_first', '1000 1000 1');
