DELETE FROM approvals WHERE log_id = $1
