-- Who must act today: the few payments that are rejected, failed, returned or held, found without walking all that are settled. Partial,
-- so that a payment without trouble never touches it.
CREATE INDEX payments_in_trouble ON payments (log_id, instructed_position)
    WHERE (state IN ('rejected', 'failed', 'returned') OR held IS NOT NULL);
