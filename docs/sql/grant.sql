-- PostgreSQL: roles that read the report_* views and nothing else. Run it once as the owner of the chitra database; run it again after
-- an update, when views were added. The views read with their owner's rights, so that the tables themselves stay closed.
--
--   psql "$CHITRA_DATABASE" -v ON_ERROR_STOP=1 -f docs/sql/grant.sql
--   CREATE ROLE an_analyst LOGIN PASSWORD '...' IN ROLE chitra_analyst;
--
-- chitra_analyst reads figures and no person's row, as the API's role analyst. chitra_auditor also reads rows of payments, attempts,
-- people (by pseudonym), payment lists, cash desks and events, as the API's role auditor.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'chitra_analyst') THEN
        CREATE ROLE chitra_analyst NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'chitra_auditor') THEN
        CREATE ROLE chitra_auditor NOLOGIN;
    END IF;
END
$$;

GRANT SELECT ON report_version, report_adoption, report_settlement TO chitra_analyst, chitra_auditor;
GRANT SELECT ON report_events, report_payments, report_attempts, report_beneficiaries TO chitra_auditor;
GRANT SELECT ON report_lists, report_list_items TO chitra_auditor;
GRANT SELECT ON report_desks, report_desk_days TO chitra_auditor;
