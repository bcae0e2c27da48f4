//! Every stable code that an answer can carry, with its meaning. A code is for ever; a test looks for codes that are missing here.

/// Where a code can stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The `code` of a problem.
    Problem,
    /// The `code` of a problem, and of an entry of its `errors` or of an import's report.
    Both,
    /// The `code` of an entry of `errors` or of an import's report.
    Entry,
}

/// A code with its statuses and its meaning.
#[derive(Debug, Clone, Copy)]
pub struct Code {
    pub code: &'static str,
    pub place: Place,
    /// Statuses of problems with this code, as text.
    pub status: &'static str,
    pub meaning: &'static str,
}

pub(super) const fn problem(status: &'static str, code: &'static str, meaning: &'static str) -> Code {
    Code { code, place: Place::Problem, status, meaning }
}

pub(super) const fn both(status: &'static str, code: &'static str, meaning: &'static str) -> Code {
    Code { code, place: Place::Both, status, meaning }
}

pub(super) const fn entry(code: &'static str, meaning: &'static str) -> Code {
    Code { code, place: Place::Entry, status: "", meaning }
}

/// Codes of requests and of the service.
const REQUESTS: &[Code] = &[
    problem("400", "idempotency-key-missing", "Idempotency-Key is missing, or is not 1 to 255 visible characters."),
    problem("400", "if-match-invalid", "If-Match is not one revision in quotes."),
    problem("400", "query-invalid", "The query string cannot be read."),
    problem("400", "body-unreadable", "The body could not be read to its end."),
    problem("400", "file-in-a-form", "The file came inside a multipart form; it is to be the body itself."),
    problem("400", "upload-broken-off", "The file ended early. Nothing was recorded."),
    problem("401", "unauthenticated", "No key, or not a valid one."),
    problem("403", "role-not-allowed", "The key's role does not have this action."),
    problem("403", "published-figures-only", "The role reads published figures; this one shows small numbers."),
    problem(
        "403",
        "reveal-expired",
        "A reveal is answered again for 15 minutes; look anew with another Idempotency-Key.",
    ),
    both("403", "out-of-your-units", "The object belongs to other units or another bank than the key."),
    problem("404", "no-such-path", "There is nothing at this path."),
    problem("404", "not-found", "There is no such object."),
    problem("404", "no-checkpoint-yet", "The log signed no checkpoint yet; it does within a minute of an event."),
    problem("404", "payment-not-found", "There is no such payment."),
    problem("404", "beneficiary-not-found", "There is no such beneficiary."),
    problem("405", "method-not-allowed", "The path does not take this method."),
    problem("406", "not-acceptable", "There is no answer of the kind that Accept asks for."),
    problem(
        "409",
        "request-in-progress",
        "The first request with this Idempotency-Key still runs. Wait, then send it again.",
    ),
    problem("409", "import-in-progress", "The same file is being imported right now."),
    problem("412", "revision-moved", "If-Match names an old revision; current_revision has the new one."),
    problem("413", "body-too-large", "The body is larger than this operation takes."),
    problem("422", "invalid-input", "Fields or parameters cannot be taken; errors lists all of them."),
    problem(
        "422",
        "idempotency-key-reused",
        "The key was used before with other inputs; first_object names what it made.",
    ),
    problem("422", "position-beyond-head", "The log has no such position yet."),
    problem("500", "internal", "A defect of ours. The server's log has the details under request_id."),
    problem("429", "rate-limited", "More requests with this key than are taken in a second; see Retry-After."),
    problem("429", "too-many-failures", "Too many refused requests from this address; see Retry-After."),
    problem("503", "overloaded", "The server has as much to do as it can. Nothing was done; send it again."),
    problem("503", "contended", "Too many writers at one object at once. Try again."),
    problem("503", "not-caught-up", "The projection is not at min_position yet. Try again."),
    problem(
        "503",
        "not-signed-yet",
        "The newest checkpoint does not cover the payment's last event yet. Try again within a minute.",
    ),
    problem("503", "projection-stopped", "A projection stopped; its figures are not served. See /readyz."),
    problem("503", "store-unavailable", "The database does not answer. Try again; nothing is recorded twice."),
];

/// Refusals by a rule.
const RULES: &[Code] = &[
    problem("409", "payment-already-instructed", "The payment was ordered before."),
    both("409", "payment-already-settled", "The payment is settled; only a return opens it again."),
    both(
        "409",
        "late-money-out",
        "An attempt that was given up was settled all the same; until that money is back nothing more may be paid.",
    ),
    both("409", "payment-already-cancelled", "The payment is cancelled."),
    both("409", "transition-not-allowed", "This cannot follow the state that the attempt is in."),
    both("409", "no-such-attempt", "The payment has no attempt of this number."),
    both("409", "amount-after-settlement", "The amount of a settled payment is not corrected."),
    both("409", "beneficiary-already-registered", "The beneficiary is registered."),
    both("409 422", "beneficiary-deceased", "The beneficiary died; months after the month of death are not payable."),
    both("409", "other-death-recorded", "Another date of death is on record."),
    both("409", "duplicate-benefit-month", "The person has a live payment of this benefit type for this month."),
    both("409", "payment-reference-taken", "The payment_reference belongs to another payment."),
    both("409", "identifier-taken", "The identifier belongs to another beneficiary."),
    both("409", "claim-taken", "Another object holds what this one would take."),
    both(
        "409",
        "amount-differs",
        "The reported amount is not the instructed one. A settlement is recorded and waits for a person, a return is quarantined.",
    ),
    both("409", "contradiction-open", "A report of another amount waits for a person; resolve it first."),
    both("409", "nothing-contradicted", "There is no report to resolve."),
    both(
        "409",
        "contradiction-changed",
        "The report, or what it makes good, is not what was asked for any more; read the payment and ask anew.",
    ),
    both("409", "impossible-order", "Quarantined: the report cannot follow what is recorded."),
    both(
        "409",
        "late-settlement",
        "Quarantined: a settlement with other evidence of an attempt whose money came back. Paying again would pay twice.",
    ),
    both("409", "second-settlement", "Quarantined: the attempt is settled already, with other evidence."),
    both("409", "beneficiary-erased", "The beneficiary's personal data were erased."),
    both("409", "recoveries-open", "Money that went to the person is to come back."),
    both("409", "payments-open", "Payments of the beneficiary are under way; nothing is erased before they end."),
    both("409", "identifier-held", "The identifier is recorded for this beneficiary already and has not ended."),
    both("409", "identifier-ended", "The identifier has ended, on another day or for another reason."),
    both(
        "409",
        "last-identifier",
        "The only identifier of a beneficiary cannot be withdrawn; add the right one first.",
    ),
    both("422", "identifier-dates-reversed", "The identifier's last day lies before its first."),
    both(
        "422",
        "identifier-scheme-ended",
        "The scheme gave out no numbers any more on that day; the message names its successor.",
    ),
    both("422", "amount-not-positive", "The amount must be more than 0."),
    problem("404", "desk-not-found", "There is no such cash desk."),
    problem("409", "desk-already-registered", "The desk is registered already."),
    problem("409", "desk-code-taken", "The code belongs to another desk; held_by names it."),
    both("409", "desk-day-liquidated", "The day is counted and closed; record it on a later day."),
    both("409", "desk-cash-short", "The desk holds less than that; record what it was handed first."),
    both("409", "desk-cash-differs", "What was counted is not what the book says."),
    both("409", "evidence-used", "The evidence was used for another entry of the desk."),
    both("409", "nothing-unpaid", "No open cash payment of the cycle is left in the desk's unit."),
    both("422", "unclaimed-halted", "Nobody collected the person's cash for the profile's number of months in a row."),
    both(
        "409",
        "payment-not-open",
        "Only an open attempt is sent by a list, and only one that is not held is paid at a desk.",
    ),
    both("422", "channel-not-paid-here", "This kind of desk does not pay through the payment's channel."),
    both("422", "desk-of-another-agent", "The payment goes through another agent than the desk's."),
    both("422", "outside-payment-window", "The day lies outside the payment window of the desk's kind."),
    both("422", "no-payment-window", "The desk's kind has no payment window in the cycle."),
    both("422", "payment-window-open", "The unpaid list goes back after the cycle's cash window."),
    both("422", "heir-must-collect", "The beneficiary died: only an heir may collect."),
    both("422", "no-death-reported", "An heir collects, but no death is recorded."),
    both("422", "months-after-death", "An heir is paid months up to the month of death only."),
    entry("not-on-this-list", "A payment named for the unpaid list is not an open cash payment of the cycle there."),
    both("422", "amount-too-large", "The amount is above the profile's limit for one payment."),
    both("422", "currency-differs", "The payment has another currency."),
    both("422", "unit-not-in-force", "The unit is not in force on that day; the message names its successors."),
    both("422", "method-not-effective-yet", "The payout method takes effect in a later month."),
    both("422", "account-missing", "The channel needs an account, in the request or on file."),
    both("422", "benefit-months-invalid", "At least one benefit month is needed, each once."),
    both("422", "nothing-to-correct", "The correction changes nothing."),
    both("422", "death-in-future", "The date of death lies in the future."),
];

/// Refusals by a rule of recoveries and of four eyes.
const OVERSIGHT: &[Code] = &[
    problem("404", "recovery-not-found", "There is no such recovery."),
    both("409", "recovery-closed", "The recovery is received, written off or lapsed; nothing is outstanding."),
    both("409", "recovery-receipt-used", "The receipt was recorded before with another amount or day."),
    both("409", "recovery-nothing-out", "No money of the attempt is with the beneficiary."),
    both("422", "recovery-other-months", "The payment does not pay these months."),
    both("422", "recovery-amount-too-large", "More than what is outstanding."),
    problem("404", "approval-not-found", "There is no such approval."),
    both("403", "second-person-required", "Another person must consent; whoever asked cannot, with whatever key."),
    both("409", "approval-expired", "The time for consent has passed. Ask again."),
    both("409", "approval-closed", "The approval was decided before."),
    both("409", "approval-exists", "The approval exists with other contents."),
];

/// Refusals by a payment list's rule, and findings of its check.
const LISTS: &[Code] = &[
    problem("404", "list-not-found", "There is no such list."),
    both("409", "list-already-opened", "The list was opened before."),
    both("409", "list-step-not-allowed", "This step does not follow the state that the list is in."),
    both("409", "list-not-checked", "The list was not checked since it last changed."),
    both("409", "list-has-findings", "The check finds items that must be mended or removed first."),
    both("409", "list-approval-required", "The list is above the profile's limit: a second person approves it first."),
    both("409", "list-already-approved", "Somebody else approved the list."),
    both("409", "list-already-acknowledged", "The agent has answered otherwise."),
    both("409", "list-items-open", "Some items have no outcome yet."),
    both("409", "list-moved-since-reconciled", "What was paid changed after the reconciliation; reconcile again."),
    both("409", "list-not-empty", "The list still has items."),
    both("409", "list-item-paid", "The list paid this payment; it stays on the list."),
    problem("409", "plan-changed", "The log moved: the step would now append other events. `plan` has the new plan."),
    problem("409", "plan-used", "The plan was carried out before; held_by names the list."),
    entry("plan-invalid", "This is no plan that the key was shown."),
    entry("one-source", "A list has exactly one source."),
    entry("only-with-open-payments", "The field chooses among open payments only."),
    entry("list-unknown", "No list has this id."),
    entry("list-not-earlier", "A list follows on lists of earlier cycles."),
    entry("change-unknown", "The change is of nobody on the earlier lists."),
    entry("already-on-list", "The person has this benefit on the list already."),
    entry("payment-held", "The payment waits for a person."),
    entry("amount-moved", "The payment's amount was corrected after it came on the list."),
    entry("person-twice-on-list", "A warning: the person has several payments of the benefit on the list."),
    entry("known-bad-account", "A warning: the last money to this account came back, and it is still the same."),
    entry("paid-elsewhere", "Left out: the person is paid through another channel or agent."),
    entry("not-monthly", "Left out: the benefit is not paid each month."),
    entry(
        "amount-not-by-month",
        "Left out: the cycle pays another number of months, and the earlier amount cannot be divided among its own.",
    ),
    both("409", "payment-on-another-list", "The payment's attempt is on a list already."),
    both("422", "list-chunk-out-of-order", "A part of the list does not follow the one before."),
    both("422", "list-chunk-too-large", "Too many items in one step."),
    both("422", "list-item-twice", "The payment is named twice, or is on the list already."),
    both("422", "list-item-other-route", "A list has one agent, one channel, one cycle and one currency."),
    both("422", "list-item-without-amount", "The payment has no amount above 0."),
    both("422", "list-sum-too-large", "The amounts add up to more than can be counted."),
    both("422", "list-item-unknown", "The payment is not on the list."),
    both("422", "list-empty", "Nobody is left to be paid by the list."),
    both("422", "list-other-currency", "The amount has another currency than the list."),
    both("422", "list-advance-differs", "The money advanced must be the list's control sum."),
    both("422", "list-not-balanced", "Advanced is not paid and handed back."),
];

/// Refused by a rule about people.
const PEOPLE: &[Code] = &[
    both("409", "already-suspended", "The benefit is suspended from that month or an earlier one."),
    both("409", "not-suspended", "There is no such suspension to end."),
    both("409", "later-identity-check", "A later result of matching is on record."),
    both("409", "authorisation-ended", "The authorisation ended on another day."),
    both("422", "benefit-suspended", "The benefit is suspended in that month."),
    both("422", "owed-as-arrears", "The month was suspended and is owed: order it as arrears."),
    both("422", "arrears-ahead", "A month after the cycle cannot be in arrears."),
    both("422", "month-too-far-back", "The profile lets no payment of this kind reach back so far."),
    both("422", "too-many-months", "The profile lets no payment of this kind have so many months."),
    both("422", "payee-not-allowed", "The profile allows no account of this payee."),
    both("422", "authorisation-missing", "Nobody is authorised on that day."),
    both("422", "authorisation-expired", "The last authorisation ran out before that day."),
    both("422", "authorisation-of-oneself", "An authorisation is given to another person."),
    both("422", "authorisation-ends-before-it-begins", "valid_to lies before valid_from."),
    both("422", "authorisation-too-long", "The profile lets no authorisation hold that long."),
    both("422", "authorisation-not-certified", "The profile asks for a certified authorisation."),
    both("422", "authorisation-unknown", "The person gave no such authorisation."),
    both("422", "account-unknown", "The person has no such account."),
    both("422", "check-in-future", "The check lies in the future."),
    both("422", "resumed-before-suspended", "The benefit is resumed before the month in which it was suspended."),
    both("422", "mismatch-of-nothing", "A mismatch names no field."),
    both("422", "duplicate-of-oneself", "The person is named as a duplicate of itself."),
    both("422", "not-for-home", "Payment at home is for the old, and for others on a ground of the profile."),
    entry("one-answer", "Either the holder's name or the bank's own result."),
    entry("collector-missing", "Another payee may fetch the cash: say who did."),
    entry("not-paid-at-home", "A ground for payment at home, for a channel that does not come to the door."),
    entry("request-ref-is-an-identifier", "The number of a request looks like a person's."),
    entry("account-holder-differs", "A warning: the bank names another holder."),
    entry("account-looks-like-a-wallet", "This is a wallet's number, not a bank account's."),
    entry("bank-is-a-wallet", "A wallet is given as the bank of an account."),
];

/// What can be wrong with one field or cell.
const FIELDS: &[Code] = &[
    entry("missing", "The field or parameter is needed."),
    entry("not-needed", "The field has no place in this request."),
    entry("invalid-value", "The value is not what the field takes."),
    entry("not-json", "The body is not JSON."),
    entry("unknown-field", "The operation has no such field."),
    entry("unknown-parameter", "The operation has no such parameter."),
    entry("given-twice", "The parameter is given twice."),
    entry("named-twice", "The beneficiary is named in two ways."),
    entry("one-identifier", "Exactly one identifier is needed."),
    entry("one-correction", "Exactly one field is corrected at a time."),
    entry("not-reversible", "Only imports of payments can be reversed."),
    entry("code-unknown", "The profile has no such code; GET /v1/reference lists them."),
    entry("unit-unknown", "No unit has this key or code."),
    entry("unit-not-of-basis", "Nothing is told by the unit on that unit_basis."),
    entry("published-by-cycle", "The role reads figures that are published cycle by cycle: one cycle, or by cycle."),
    entry("too-fine-for-your-role", "No table that is published is so fine: ask by fewer things at once."),
    entry("as-of-without-offset", "The instant has no offset from UTC, so that it is another one in each time zone."),
    entry("as-of-in-future", "The instant or day has not come yet."),
    entry("as-of-before-log", "Nothing was recorded at or before that instant or day."),
    entry("unit-ambiguous", "The code names several units; send one of the keys."),
    entry("unit-wrong-level", "Payments name units of another level."),
    entry("beneficiary-unknown", "Nobody is registered under this."),
    entry(
        "text-has-a-number",
        "The text is kept for ever and has a number as long as an identity or account number in it.",
    ),
    entry("payment-unknown", "No payment has this reference."),
    entry("scheme-unknown", "The profile has no such kind of identifier."),
    entry("identifier-length", "The identifier has too few or too many characters."),
    entry("identifier-characters", "The identifier has characters that it cannot have."),
    entry("identifier-sex-differs", "A warning: the number says another sex."),
    entry("identifier-birth-year-differs", "A warning: the number says another birth year."),
    entry("identifier-replaced", "A warning: another scheme took the place of this one; record that number as well."),
    entry("account-length", "An account number has 6 to 19 characters."),
    entry("account-characters", "An account number has digits and letters only."),
    entry("account-spreadsheet-number", "A spreadsheet turned the account number into a number."),
    entry("account-looks-like-a-card", "This is a card number, not an account number."),
    entry("date-in-future", "A report speaks of a day that has not come; is the year right?"),
    entry("amount-has-fraction", "The currency has fewer decimals."),
];

/// What can be wrong with a row or a file.
const ROWS: &[Code] = &[
    entry("value-missing", "The cell is empty and must not be."),
    entry("cell-missing", "The cell is empty and must not be."),
    entry("cell-too-long", "The cell is too long."),
    entry("text-too-long", "The text is too long."),
    entry("control-character", "The cell has a control character."),
    entry("formula-error", "The cell holds a formula's error."),
    entry("value-not-readable", "The cell holds a value of an unknown kind."),
    entry("account-invalid", "The account number cannot be read."),
    entry("amount-invalid", "This is no amount."),
    entry("amount-ambiguous", "The amount can be read in two ways, such as 1.234."),
    entry("amount-negative", "The amount is negative."),
    entry("excel-turned-number", "A spreadsheet turned the value into a number, such as 1.23E+12."),
    entry("leading-zero-lost", "A spreadsheet dropped a leading zero."),
    entry("digits-invalid", "Digits only."),
    entry("number-invalid", "This is no whole number."),
    entry("date-invalid", "This is no date."),
    entry("date-month-first", "The date looks like month first; write dd/mm/yyyy or yyyy-mm-dd."),
    entry("year-has-two-digits", "Write the year with four digits."),
    entry("month-invalid", "This is no month."),
    entry("months-repeated", "A month stands twice."),
    entry("payment-reference-invalid", "This is no payment reference."),
    entry("end-to-end-id-invalid", "This is no end-to-end id."),
    entry("text-not-utf8", "The text is not UTF-8."),
    entry("wrong-number-of-cells", "The row has more or fewer cells than the header."),
    entry("cell-without-header", "The cell stands under no header."),
    entry("line-not-an-object", "The line is not a JSON object."),
    entry("repeated-in-file", "The file has this in an earlier row."),
    entry("identifiers-of-several-people", "The row's identifiers belong to different people."),
    entry("recorded-meanwhile", "Someone recorded this between the two passes."),
    entry("changed-meanwhile", "The object changed between the two passes."),
    both("422", "control-count-differs", "The number of rows or items is not the one given."),
    both("422", "control-sum-differs", "The sum of the amounts is not the one given."),
];

/// What refuses a file as a whole.
const FILES: &[Code] = &[
    both("422", "file-empty", "The file is empty."),
    both("422", "file-has-no-rows", "The file has a header and no rows."),
    both("422", "file-not-readable", "The workbook cannot be read."),
    both("422", "file-not-text", "The file is not text."),
    both("422", "file-too-large", "The file is larger than the service takes."),
    both("422", "workbook-refused", "The workbook is refused: it unpacks to far more than it should."),
    both("422", "mixed-encodings", "The file mixes encodings."),
    both("422", "separator-ambiguous", "The separator cannot be told."),
    both("422", "missing-column", "A column that is needed is missing."),
    both("422", "unknown-column", "A column has an unknown header."),
    both("422", "repeated-column", "Two columns have one header."),
    both("422", "too-many-columns", "The file has too many columns."),
    both("422", "too-many-repeats", "Very many rows repeat others; it may be the wrong file."),
    both("422", "row-too-long", "A row is too long; a quotation mark may never be closed."),
];

/// Groups of codes with their headings.
pub const GROUPS: &[(&str, &[Code])] = &[
    ("The request and the service", REQUESTS),
    ("Keys", super::access_codes::ACCESS),
    ("Refused by a rule", RULES),
    ("Recoveries and second persons", OVERSIGHT),
    ("Payment lists", LISTS),
    ("Refused by a rule about people", PEOPLE),
    ("Banks", super::bank_codes::BANKS),
    ("Webhooks", super::webhook_codes::WEBHOOKS),
    ("Cited figures and targets", super::figure_codes::FIGURES),
    ("Pages", super::page_codes::PAGES),
    ("One field or cell", FIELDS),
    ("One row of a file", ROWS),
    ("The file as a whole", FILES),
];

/// Every code.
pub fn all() -> impl Iterator<Item = &'static Code> {
    GROUPS.iter().flat_map(|(_, codes)| codes.iter())
}

/// The codes that a problem itself can have.
pub(super) fn answer_codes() -> Vec<&'static str> {
    all().filter(|code| code.place != Place::Entry).map(|code| code.code).collect()
}
