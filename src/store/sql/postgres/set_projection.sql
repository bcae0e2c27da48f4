-- For one transaction of a projection. Its rows and its checkpoint are lost together, and the log gives them again: no sync of its own.
-- Joins with the batch's rows are searches by key, whatever the planner believes of the tables' sizes.
SELECT
    set_config('synchronous_commit', 'off', true),
    set_config('enable_hashjoin', 'off', true),
    set_config('enable_mergejoin', 'off', true)
