-- For one transaction that walks whole tables.
SELECT set_config('enable_seqscan', 'on', true)
