-- Bytes that are too long for one row of vault_records: a bank's statement of a million entries, sealed piece by piece, so that nobody
-- ever holds it whole. Each belongs to the record of its reference, which says how many there are; a piece whose record never came is what
-- a crash left, and is swept.
CREATE TABLE vault_pieces (
    log_id        INTEGER NOT NULL,
    subject       BYTEA   NOT NULL,
    record_ref    BYTEA   NOT NULL,
    piece         BIGINT  NOT NULL, -- from 0
    written_at_us BIGINT  NOT NULL, -- tells what a crash left from what is being written
    ciphertext    BYTEA   NOT NULL,
    PRIMARY KEY (log_id, subject, record_ref, piece)
);

-- Ciphertexts don't get shorter: nobody tries.
ALTER TABLE vault_pieces ALTER COLUMN ciphertext SET STORAGE EXTERNAL;

-- One entry for each long record, for the sweep.
CREATE INDEX vault_pieces_first ON vault_pieces (log_id, written_at_us) WHERE piece = 0;
