-- Which statements came, number by number, of each account and year: the lowest and the highest hid what was lost between them. The inbox
-- is built anew.
DELETE FROM projections WHERE name = 'inbox';
DELETE FROM bank_items;
DELETE FROM bank_messages;
ALTER TABLE bank_messages DROP COLUMN sequence_from;
ALTER TABLE bank_messages DROP COLUMN sequence_to;
ALTER TABLE bank_messages ADD COLUMN statements TEXT COLLATE "C";

-- What went through a bank on the days of its statement, whatever the cycle.
CREATE INDEX payments_settled ON payments (log_id, bank, settled_on, payment_id) WHERE settled_on IS NOT NULL;
