-- What is known of people beyond unit, method and death, and what they counted as before, for figures of identity as of any position.
-- Computed from the log alone.

-- JSON: authorisations, suspensions, checks of accounts, the result of matching; NULL for the many who have none.
ALTER TABLE beneficiaries ADD COLUMN more TEXT COLLATE "C";
-- Position from which the person has counted as now.
ALTER TABLE beneficiaries ADD COLUMN counted_position BIGINT NOT NULL DEFAULT 0;
-- Of the payout method chosen last; empty for none.
ALTER TABLE beneficiaries ADD COLUMN channel TEXT COLLATE "C" NOT NULL DEFAULT '';
-- The latest result of matching; unchecked for none.
ALTER TABLE beneficiaries ADD COLUMN identity_status TEXT COLLATE "C" NOT NULL DEFAULT 'unchecked';
-- Neither reported dead nor erased.
ALTER TABLE beneficiaries ADD COLUMN counts BIGINT NOT NULL DEFAULT 1;
-- A result that somebody has to look into: few, found by an index of their own.
ALTER TABLE beneficiaries ADD COLUMN to_look_into BIGINT NOT NULL DEFAULT 0;
-- The last day of the right of whoever may receive on the person's behalf.
ALTER TABLE beneficiaries ADD COLUMN authorised_until TEXT COLLATE "C";
CREATE INDEX beneficiaries_to_look_into ON beneficiaries (log_id, registered_position) WHERE to_look_into = 1;
CREATE INDEX beneficiaries_authorised ON beneficiaries (log_id, registered_position) WHERE authorised_until IS NOT NULL;

-- What a person counted as from one position to before another; what holds now stands in the person's row.
CREATE TABLE beneficiary_past (
    log_id          INTEGER NOT NULL,
    beneficiary_id  BYTEA NOT NULL,
    from_position   BIGINT NOT NULL,
    to_position     BIGINT NOT NULL,
    unit_key        TEXT COLLATE "C" NOT NULL,
    channel         TEXT COLLATE "C" NOT NULL,
    identity_status TEXT COLLATE "C" NOT NULL,
    counts          BIGINT NOT NULL,
    PRIMARY KEY (log_id, beneficiary_id, from_position)
);

-- Payments that an agent refused or sent back because the person was not the one it knew: whose, and where in the log.
CREATE TABLE identity_refusals (
    log_id         INTEGER NOT NULL,
    beneficiary_id BYTEA NOT NULL,
    position       BIGINT NOT NULL,
    PRIMARY KEY (log_id, beneficiary_id, position)
);

-- Both projections begin again: what their rows lack stands in the log.
DELETE FROM beneficiaries;
DELETE FROM payments;
DELETE FROM payment_attempts;
DELETE FROM live_payments;
DELETE FROM figure_cells;
DELETE FROM figure_days;
DELETE FROM figure_blocks;
DELETE FROM business_days;
DELETE FROM projections WHERE name IN ('beneficiaries', 'payments');

-- People by their pseudonym, with the new columns at the end, so that grants stay.
CREATE OR REPLACE VIEW report_beneficiaries AS
SELECT
    b.log_id,
    encode(b.beneficiary_id, 'hex')::uuid::text COLLATE "C" AS beneficiary_id,
    b.unit_key,
    b.birth_decade,
    b.sex,
    b.died_on,
    b.registered_position,
    b.last_position,
    to_char(to_timestamp(b.updated_at_us / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') COLLATE "C" AS updated_at,
    b.identity_status,
    CASE WHEN b.channel = '' THEN NULL ELSE b.channel END AS channel,
    b.authorised_until
FROM beneficiaries AS b;
