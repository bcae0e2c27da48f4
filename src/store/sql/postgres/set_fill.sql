-- For one transaction that fills a log: what it is filled from may come slowly, from a pipe or another machine.
SELECT set_config('idle_in_transaction_session_timeout', '0', true)
