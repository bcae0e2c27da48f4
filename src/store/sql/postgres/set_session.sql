-- What every connection of ours is set to. A commit that is not on the disk is no commit ('off' alone is changed: 'remote_apply' and the
-- like promise more than 'on', and are the administrator's to choose). Sequential scans are for walks over whole tables, which ask for
-- them: a plan that was made when a table was empty is kept while the table grows. Nobody waits for a lock for ever, and a server that
-- hangs in a transaction loses it instead of stopping all others.
SELECT
    set_config(
        'synchronous_commit',
        CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END,
        false
    ),
    set_config('enable_seqscan', 'off', false),
    set_config('jit', 'off', false),
    set_config('lock_timeout', '10s', false),
    set_config('idle_in_transaction_session_timeout', '30s', false)
