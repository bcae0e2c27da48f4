-- The shared lock is let go at once: only whoever wants the projection for a rebuild holds it exclusively.
SELECT pg_try_advisory_xact_lock_shared($1)
