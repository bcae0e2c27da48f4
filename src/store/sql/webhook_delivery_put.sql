INSERT INTO webhook_deliveries (
    log_id, webhook_id, position, event_id, kind, state, tries, next_try_us, updated_at_us, answers
)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (log_id, webhook_id, position) DO UPDATE
SET state = excluded.state, tries = excluded.tries, next_try_us = excluded.next_try_us,
    updated_at_us = excluded.updated_at_us, answers = excluded.answers
