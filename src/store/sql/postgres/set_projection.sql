-- For one transaction of a projection. Its rows and its checkpoint are lost together, and the log gives them again: no sync of its own.
SELECT set_config('synchronous_commit', 'off', true)
