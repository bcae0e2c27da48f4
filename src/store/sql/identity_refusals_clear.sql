DELETE FROM identity_refusals WHERE log_id = $1
