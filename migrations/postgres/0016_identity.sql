-- Figures of identity count people by unit without reading their rows.
CREATE INDEX beneficiaries_counted ON beneficiaries (log_id, unit_key, channel, identity_status, counted_position, beneficiary_id)
    WHERE counts = 1;
CREATE INDEX beneficiary_past_counted ON beneficiary_past (log_id, unit_key, channel, identity_status, from_position, to_position, beneficiary_id)
    WHERE counts = 1;
