-- Who is signed in to the pages. Beside the keys, where each server finds it; the cookie's own value is known to the browser alone.
-- In no archive: whoever restores one signs in again.
CREATE TABLE sessions (
    log_id        INTEGER NOT NULL,
    session_hash  BYTEA NOT NULL, -- SHA-256 of the cookie, which is random and long
    key_id        TEXT COLLATE "C" NOT NULL, -- a revoked key ends its sessions
    created_at_us BIGINT NOT NULL,
    seen_at_us    BIGINT NOT NULL, -- moved now and then: who does nothing for long is signed out
    PRIMARY KEY (log_id, session_hash)
);
