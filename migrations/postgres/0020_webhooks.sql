-- How far each webhook's endpoint was told what the log holds. No replay gives it again: it says what was sent, not what happened.
CREATE TABLE webhook_places (
    log_id           INTEGER NOT NULL,
    webhook_id       BYTEA   NOT NULL,
    position         BIGINT NOT NULL, -- everything up to it was sent, or stands in webhook_deliveries
    seen_revision    BIGINT NOT NULL, -- of the webhook's own stream: later replays and repeats are still to be done
    failing_since_us BIGINT,          -- since when nothing was taken; NULL while the endpoint takes
    version          BIGINT NOT NULL, -- counts writes, so that a server which lost its turn writes nothing
    PRIMARY KEY (log_id, webhook_id)
);

-- What was sent to whom, with each try: those that wait for the next one, and for a while the others.
CREATE TABLE webhook_deliveries (
    log_id        INTEGER NOT NULL,
    webhook_id    BYTEA   NOT NULL,
    position      BIGINT NOT NULL, -- of the event
    event_id      BYTEA   NOT NULL,
    kind          TEXT    NOT NULL, -- payment.settled and so on
    state         TEXT    NOT NULL, -- pending, delivered, given_up
    tries         BIGINT NOT NULL, -- of this round: a repeat begins again
    next_try_us   BIGINT,          -- NULL when none comes
    updated_at_us BIGINT NOT NULL, -- the last try: old ones are trimmed by it
    answers       BYTEA   NOT NULL, -- JSON: the last tries with what was answered
    PRIMARY KEY (log_id, webhook_id, position)
);

CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (log_id, webhook_id, position) WHERE state = 'pending';
