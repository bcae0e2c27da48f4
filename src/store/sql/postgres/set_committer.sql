-- What the committer's connection is set to beside that: it says few statements over and over, of which the server would plan the longest
-- anew each time, since a plan made for the numbers of these very rows looks a little cheaper than the one kept for all.
SELECT set_config('plan_cache_mode', 'force_generic_plan', false)
