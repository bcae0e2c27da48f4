INSERT INTO cited_figures (
    log_id, figure_id, definition, title, unit_key, asked, as_of_position, digest, cited_by, cited_at_us, cited_position
)
SELECT $1, given.*
FROM unnest(
    $2::bytea[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::text[], $9::text[], $10::bigint[],
    $11::bigint[]
) AS given
