SELECT beneficiary_id FROM beneficiaries WHERE log_id = $1 AND died_on IS NOT NULL
