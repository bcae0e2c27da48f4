UPDATE checkpoints SET cosignatures = $3, note = $4
WHERE log_id = $1 AND size = $2 AND cosignatures <= $3
