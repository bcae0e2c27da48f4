INSERT INTO projections (log_id, name, position, recorded_at_us, error_position, error) VALUES ($1, $2, 0, 0, $3, $4)
ON CONFLICT (log_id, name) DO UPDATE SET error_position = excluded.error_position, error = excluded.error
