DELETE FROM beneficiaries WHERE log_id = $1
