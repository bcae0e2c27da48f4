//! The table of operations. Routing, access and the OpenAPI document are made from it; what is not here does not exist.

use crate::app::access::Action;
use crate::http::operation::{Effect, Operation, Output, Parameter, read, write};
use crate::http::parameters::{
    AGENT, AS_OF, AS_OF_DAY, AS_OF_POSITION, BANK, BENEFIT_GROUP, BENEFIT_TYPE, CHANNEL, CURSOR, CYCLE, DRY_RUN,
    FORMAT, LIMIT, MIN_POSITION, PAPER, PLAN, PURPOSE, UNIT, parameter,
};
use crate::http::problem::Problem;
use crate::http::routes_banks::BANKS;
use crate::http::routes_figures::FIGURES;
use crate::http::routes_keys::KEYS;
use crate::http::routes_proofs::PROOFS;
use crate::http::routes_recoveries::RECOVERIES;
use crate::http::routes_webhooks::WEBHOOKS;
use crate::http::sandbox::SANDBOX;
use crate::http::{
    approvals, beneficiaries, calendar, contradictions, desks, events, health, identifiers, imports, list_print, lists,
    payment_lists, payments, people, personal, proofs, reference, worklist, worklists,
};
use actix_web::web;

/// Every operation there is.
pub static OPERATIONS: &[Operation] = &joined::<{ GENERAL.len() + APART.len() }>(GENERAL, APART);

const APART: &[Operation] =
    &joined::<{ OF_FIGURES_AND_BANKS.len() + OF_PROOFS_AND_MORE.len() }>(OF_FIGURES_AND_BANKS, OF_PROOFS_AND_MORE);

const OF_FIGURES_AND_BANKS: &[Operation] = &joined::<{ FIGURES.len() + BANKS.len() }>(FIGURES, BANKS);

const OF_PROOFS_AND_MORE: &[Operation] = &joined::<{ PROOFS.len() + RECOVERIES.len() + WEBHOOKS.len() + KEYS.len() }>(
    &joined::<{ PROOFS.len() + RECOVERIES.len() }>(PROOFS, RECOVERIES),
    &joined::<{ WEBHOOKS.len() + KEYS.len() }>(WEBHOOKS, KEYS),
);

/// Two parts of the table as one.
const fn joined<const N: usize>(first: &[Operation], second: &[Operation]) -> [Operation; N] {
    let mut all = [first[0]; N];
    let mut at = 0;
    while at < N {
        all[at] = if at < first.len() { first[at] } else { second[at - first.len()] };
        at += 1;
    }
    all
}

/// All but those of figures, of banks, of recoveries, and of what the log proves.
const GENERAL: &[Operation] = &[
    read("alive", "/healthz", None, Output::Json("Alive"), || web::get().to(health::alive))
        .says("Is the process alive?", "Answers as soon as the process does."),
    read("ready", "/readyz", None, Output::Json("Ready"), || web::get().to(health::ready))
        .says("Is the service ready?", "The log's head and each projection's lag; 503 when the store does not answer or a projection stopped."),
    read("openapi", "/openapi.json", None, Output::Json("Object"), || web::get().to(health::openapi))
        .says("This document", "OpenAPI 3.1."),
    read("docs", "/docs", None, Output::Html, || web::get().to(health::docs)).says("The API on one page", "Made from the OpenAPI document."),
    write("registerBeneficiary", "/v1/beneficiaries", Action::RegisterBeneficiary, ("BeneficiaryRegistration", "Beneficiary"), || {
        web::post().to(beneficiaries::register)
    })
    .with_effect(Effect::Create)
    .says("Register a beneficiary", "The log gets a pseudonym and a unit; name, identifiers and account go encrypted to the vault and never come back in an answer."),
    write("searchBeneficiary", "/v1/beneficiaries/search", Action::ReadBeneficiary, ("BeneficiarySearch", "Beneficiary"), || {
        web::post().to(beneficiaries::search)
    })
    .with_effect(Effect::Read)
    .says("Find a beneficiary by identifier", "A POST so that the identifier stands in no URL. Found through a keyed hash."),
    read("readBeneficiary", "/v1/beneficiaries/{id}", Some(Action::ReadBeneficiary), Output::Json("Beneficiary"), || {
        web::get().to(beneficiaries::read)
    })
    .takes(&[parameter("month", "Month", "Whose payout method `in_force` shows; this month when absent.")])
    .says("Read a beneficiary", "Units, payout methods with the one in force in a month, authorisations, suspensions, checks of accounts, identity and death, under the pseudonym."),
    read("readPersonalData", "/v1/beneficiaries/{id}/personal", Some(Action::ReadPersonal), Output::Json("PersonalData"), || {
        web::get().to(personal::personal)
    })
    .says("Read what is held on a person, masked", "Name, identifiers and accounts, each as far as the key's role sees it in passing: never in full."),
    write("revealPersonalData", "/v1/beneficiaries/{id}/reveal", Action::RevealPersonal, ("Reveal", "PersonalDataRevealed"), || {
        web::post().to(personal::reveal)
    })
    .says("Reveal personal data for a stated purpose", "Who, whom, which kinds and what for are recorded before anything is shown; the data are not. The same Idempotency-Key answers again for 15 minutes; later it is another look, which needs another key."),
    write("erasePersonalData", "/v1/beneficiaries/{id}/erase", Action::ErasePersonal, ("Erasure", "Beneficiary"), || {
        web::post().to(personal::erase)
    })
    .says("Erase a person's data", "Destroys the person's key and records for ever and frees the identifiers. The pseudonym, its payments and all figures stay. Refused while payments are under way. Again: nothing more happens."),
    read("exportPersonalData", "/v1/beneficiaries/{id}/export", Some(Action::ExportPersonal), Output::Json("PersonalDataExport"), || {
        web::get().to(personal::export)
    })
    .takes(&[Parameter { name: "purpose", description: "What it is handed out for.", schema: "Purpose", required: true }])
    .says("Hand out everything held on a person", "The vault's records in full, the person's events, payments with their timelines. Recorded as an event each time."),
    write("moveBeneficiary", "/v1/beneficiaries/{id}/move", Action::ChangeBeneficiary, ("BeneficiaryMove", "Beneficiary"), || {
        web::post().to(beneficiaries::move_unit)
    })
    .says("Record a move", "The unit must be in force on the day of effect."),
    write("choosePayoutMethod", "/v1/beneficiaries/{id}/method", Action::ChangeBeneficiary, ("PayoutMethodChoice", "Beneficiary"), || {
        web::post().to(beneficiaries::choose_method)
    })
    .says("Choose a payout method", "Takes effect from the month that the profile's cut-off day allows (in Vietnam: asked by the 20th, the next month)."),
    write("reportDeath", "/v1/beneficiaries/{id}/death", Action::ChangeBeneficiary, ("DeathReport", "Beneficiary"), || {
        web::post().to(beneficiaries::report_death)
    })
    .says("Report a death", "Benefit months after the month of death are refused from then on."),
    write("addIdentifier", "/v1/beneficiaries/{id}/identifiers", Action::ChangeBeneficiary, ("IdentifierAddition", "Beneficiary"), || {
        web::post().to(identifiers::add)
    })
    .says("Record a further identifier", "The number goes encrypted to the vault; scheme and dates go to the log. The person is found by it from then on, and still by the others."),
    write("endIdentifier", "/v1/beneficiaries/{id}/identifiers/end", Action::ChangeBeneficiary, ("IdentifierEnd", "Beneficiary"), || {
        web::post().to(identifiers::end)
    })
    .says("End an identifier", "The person is still found by it. With `recorded_in_error` the number is destroyed, and free for whose it is."),
    write("instructPayment", "/v1/payments", Action::InstructPayment, ("PaymentInstruction", "Payment"), || web::post().to(payments::instruct))
        .with_effect(Effect::Create)
        .says("Order a payment", "One beneficiary, one benefit type, one or more benefit months. What is left out comes from the beneficiary's payout method and the calendar."),
    read("listPayments", "/v1/payments", Some(Action::ReadPayment), Output::Table("PaymentList"), || web::get().to(lists::payments))
        .takes(&[
            UNIT, BENEFIT_TYPE, CYCLE, parameter("status", "Status", "Where the latest attempt stands."), CHANNEL, BANK,
            parameter("due_before", "Date", "Due before this day."), parameter("payment_reference", "Text", "The agency's reference."),
            parameter("end_to_end_id", "EndToEndId", "Of any attempt."),
            parameter("beneficiary_id", "Id", "A beneficiary's pseudonym."),
            parameter("kind", "PaymentKind", "What it pays of its months."), parameter("list", "Id", "On this payment list, and not taken off again."),
            parameter("held", "Boolean", "Only those that wait for a person (true), or only the others."),
            LIMIT, CURSOR, MIN_POSITION, FORMAT,
        ])
        .says("List payments", "From the projection, in the order of instruction. `Link: rel=\"next\"` leads on."),
    read("readPayment", "/v1/payments/{id}", Some(Action::ReadPayment), Output::Json("PaymentView"), || web::get().to(payments::read))
        .says("Read a payment with its whole timeline", "Straight from its stream: where is this pension of March?"),
    read("paymentReceipt", "/v1/payments/{id}/receipt", Some(Action::ReadPayment), Output::Json("Receipt"), || web::get().to(proofs::receipt))
        .says("A receipt that proves itself", "The payment's events to the byte, the proof of each, and the signed checkpoint, with witnesses' cosignatures if it has any: `chitra verify-receipt` checks it without this server. No personal data: events hold none."),
    write("acceptPayment", "/v1/payments/{id}/accept", Action::ReportOutcome, ("Acceptance", "Payment"), || web::post().to(payments::accept))
        .says("Record that the agent accepted", "ISO 20022 ACCP, ACSP ... Not a settlement."),
    write("settlePayment", "/v1/payments/{id}/settle", Action::ReportOutcome, ("Settlement", "Payment"), || web::post().to(payments::settle))
        .says("Record a settlement", "The money is with the beneficiary; for cash: paid at the desk. The same evidence again changes nothing; other evidence is quarantined (409). Another amount than ordered is recorded and waits for a person (409 `amount-differs`)."),
    write("rejectPayment", "/v1/payments/{id}/reject", Action::ReportOutcome, ("Rejection", "Payment"), || web::post().to(payments::reject))
        .says("Record a rejection", "Before settlement only; after it the report is quarantined (409)."),
    write("returnPayment", "/v1/payments/{id}/return", Action::ReportOutcome, ("Return", "Payment"), || web::post().to(payments::give_back))
        .says("Record a return", "Settled money came back. Seen before the settlement notice, it is recorded with the settlement inferred."),
    write("failPayment", "/v1/payments/{id}/fail", Action::ReportOutcome, ("Failure", "Payment"), || web::post().to(payments::fail))
        .says("Record a failure", "No answer, cash unclaimed, or not sendable."),
    write("holdPayment", "/v1/payments/{id}/hold", Action::ManagePayment, ("Hold", "Payment"), || web::post().to(payments::hold))
        .says("Hold a payment", "From instructed or accepted."),
    write("releasePayment", "/v1/payments/{id}/release", Action::ManagePayment, ("Release", "Payment"), || web::post().to(payments::release))
        .says("Release a held payment", "It stands as before it was held."),
    write("reissuePayment", "/v1/payments/{id}/reissue", Action::ManagePayment, ("Reissue", "Payment"), || web::post().to(payments::reissue))
        .says("Open a new attempt", "Only after rejected, failed or returned: nobody is paid twice."),
    write("cancelPayment", "/v1/payments/{id}/cancel", Action::ManagePayment, ("Cancellation", "Payment"), || web::post().to(payments::cancel))
        .says("Cancel a payment", "Before money moved; an accepted attempt only when the agent confirmed the recall."),
    write("correctPayment", "/v1/payments/{id}/correct", Action::CorrectPayment, ("Correction", "Payment"), || web::post().to(payments::correct))
        .says("Mend a clerical field", "One field at a time; never the amount after settlement. 202 where the profile wants a second person: it waits at `/v1/approvals/{id}` until one consents."),
    write("resolvePayment", "/v1/payments/{id}/resolve", Action::CorrectPayment, ("Resolution", "Payment"), || web::post().to(contradictions::resolve))
        .says("Say what is true of a report of another amount", "`dismissed`: it is wrong, and the payment goes on. `made_good`: that much was paid; what is over becomes a recovery, what is missing is ordered as a supplement at once. `accepted`: that much was paid, and the difference is let be. 202 where the profile wants a second person for corrections."),
    write("registerDesk", "/v1/desks", Action::RegisterDesk, ("DeskRegistration", "Desk"), || web::post().to(desks::register))
        .with_effect(Effect::Create)
        .says("Register a cash desk", "A post office's counter, a payment point, or a team that pays at home. Its book is kept by the clerks of its unit."),
    read("listDesks", "/v1/desks", Some(Action::ReadDesk), Output::Table("DeskList"), || web::get().to(desks::list))
        .takes(&[UNIT, LIMIT, CURSOR, MIN_POSITION, FORMAT])
        .says("List cash desks", "Each with what it holds today, and since when."),
    read("readDesk", "/v1/desks/{id}", Some(Action::ReadDesk), Output::Json("Desk"), || web::get().to(desks::read))
        .says("Read a cash desk", "With today's book, straight from its stream."),
    read("deskDays", "/v1/desks/{id}/days", Some(Action::ReadDesk), Output::Table("DeskDays"), || web::get().to(desks::days))
        .takes(&[parameter("from", "Date", "First day."), parameter("to", "Date", "Last day."), MIN_POSITION, FORMAT])
        .says("A desk's liquidation by day", "Opening + handed out = paid + handed back + still held, with the day since which the oldest of it is held."),
    read("liquidation", "/v1/liquidation", Some(Action::ReadDesk), Output::Table("Liquidation"), || web::get().to(desks::liquidation))
        .takes(&[UNIT, parameter("day", "Date", "The day; today when absent."), MIN_POSITION, FORMAT])
        .says("Liquidation of all desks of a unit on a day", "One line for each desk, and their sum."),
    write("advanceCash", "/v1/desks/{id}/days/{date}/advance", Action::WorkDesk, ("DeskCash", "Desk"), || web::post().to(desks::advance))
        .says("Record cash handed to a desk", "The same evidence with the same day and amount again changes nothing."),
    write("payAtDesk", "/v1/desks/{id}/days/{date}/pay", Action::WorkDesk, ("DeskPayment", "Desk"), || web::post().to(desks::pay))
        .says("Pay a payment out at a desk", "Within the window of the desk's kind (`GET /v1/calendar`), from cash that the desk holds. Settles the payment with the receipt as evidence. An heir collects months up to the month of death only."),
    write("handBackCash", "/v1/desks/{id}/days/{date}/hand-back", Action::WorkDesk, ("DeskCash", "Desk"), || web::post().to(desks::hand_back))
        .says("Record cash that a desk gave back", "No more than it holds."),
    write("handBackUnpaidList", "/v1/desks/{id}/days/{date}/unpaid-list", Action::WorkDesk, ("UnpaidList", "Desk"), || web::post().to(desks::unpaid_list))
        .says("Hand back the list of what nobody collected", "After the cycle's cash window. Its money goes back with it, and each payment on it fails as unclaimed. The same request again goes on where a break left off."),
    write("liquidateDesk", "/v1/desks/{id}/days/{date}/liquidate", Action::WorkDesk, ("CashCount", "Desk"), || web::post().to(desks::liquidate))
        .says("Liquidate a desk's day", "The cash counted must be what the book says. The day and all before it are closed then."),
    read("worklist", "/v1/worklist", Some(Action::ReadWorklist), Output::Table("Worklist"), || web::get().to(worklist::worklist))
        .takes(&[
            UNIT, parameter("kind", "WorkKind", "Only this kind."),
            parameter("due_before", "Date", "Only what must be done before this day."),
            LIMIT, CURSOR, MIN_POSITION, FORMAT,
        ])
        .says("What must be done today", "Who must act on which payment, recovery, approval, authorisation, result of matching, payment list or desk, by when, how, and the operations that do it, from the playbook; the most urgent first. An item is gone once its cause is. `counts` are of the whole list."),
    read("events", "/v1/events", Some(Action::ReadEvents), Output::Feed("EventPage"), || web::get().to(events::feed))
        .takes(&[
            parameter("after", "Position", "Events after this position; `Last-Event-ID` does the same for the live feed."),
            parameter("type", "Text", "Only this event type."),
            parameter("category", "Text", "Only streams of this category (the stream's name up to the first `-`)."),
            LIMIT,
            MIN_POSITION,
        ])
        .says("The event feed", "Pages that never change once full (ETag, cacheable for ever), or `Accept: text/event-stream` for the log as it grows."),
    write("importFile", "/v1/imports", Action::ImportFile, ("Object", "ImportReport"), || web::post().to(imports::upload))
        .takes_file()
        .with_effect(Effect::Import)
        .takes(&[
            Parameter { name: "kind", description: "payments, outcomes, beneficiaries or identity (results of matching, for whoever may record them).", schema: "ImportKind", required: true },
            parameter("mode", "ImportMode", "all (default): one error and nothing is recorded. valid_rows: good rows are recorded, bad ones reported."),
            parameter("dry_run", "Boolean", "Check only: the whole report, nothing recorded."),
            parameter("filename", "Text", "The file's name, for its format."),
            parameter("control_count", "Count", "How many rows there must be."),
            parameter("control_sum", "Amount", "What the amounts must add up to."),
            parameter("answer", "ImportAnswer", "report (default), or file: the same file back with an error column."),
        ])
        .says("Import an office file", "CSV, XLSX or NDJSON as offices have it. Every row is checked before anything is recorded. The same file twice has one effect."),
    read("listImports", "/v1/imports", Some(Action::ReadImport), Output::Json("ImportList"), || web::get().to(imports::list))
        .says("List imports", "Newest first."),
    read("importTemplate", "/v1/imports/template.xlsx", Some(Action::ReadReference), Output::Xlsx, || web::get().to(imports::template))
        .says("A template for office files", "One sheet for each kind of file, with an example and the code lists."),
    read("readImport", "/v1/imports/{id}", Some(Action::ReadImport), Output::Json("ImportReport"), || web::get().to(imports::read))
        .says("Read an import", "Its progress and, once it ended, its report."),
    write("reverseImport", "/v1/imports/{id}/reverse", Action::ReverseImport, ("ImportReversal", "ImportReport"), || web::post().to(imports::reverse))
        .says("Reverse an import", "Cancels the payments that it ordered, as far as each one's state allows; says which were kept."),
    write("prepareList", "/v1/lists", Action::PrepareList, ("ListPreparation", "ListStep"), || web::post().to(payment_lists::prepare))
        .takes(&[DRY_RUN, PLAN])
        .says("Prepare a payment list", "One agent, one channel, one cycle. From earlier lists with changes or from people by name (the payments are ordered by the rules of a single order; who cannot be paid is left out with the reason), or from payments that are there. Judged as a whole before anything is recorded; the same Idempotency-Key goes on where a crash broke off."),
    read("listLists", "/v1/lists", Some(Action::ReadList), Output::Json("ListPage"), || web::get().to(payment_lists::list))
        .takes(&[UNIT, CYCLE, parameter("status", "ListStage", "How far the list has come."), CHANNEL, AGENT, LIMIT, CURSOR, MIN_POSITION])
        .says("List payment lists", "Those of which all items lie in the key's units, or all go to the key's bank; with `unit`, those of which all items lie under it."),
    read("readList", "/v1/lists/{id}", Some(Action::ReadList), Output::Json("ListView"), || web::get().to(payment_lists::read))
        .takes(&[LIMIT, CURSOR, MIN_POSITION])
        .says("Read a payment list", "Its state, a page of its items with where each stands, the items by status (the list's settlement), and who was left out."),
    read("printList", "/v1/lists/{id}/print", Some(Action::ReadList), Output::Paper, || web::get().to(list_print::items))
        .takes(&[PAPER, PURPOSE])
        .says("Print a payment list", "Its items by unit, with totals. Names, identifiers and accounts are masked; with a purpose they stand in full, and who printed what for is recorded before."),
    read("printListChanges", "/v1/lists/{id}/changes", Some(Action::ReadList), Output::Paper, || web::get().to(list_print::changes))
        .takes(&[PAPER, PURPOSE])
        .says("Print what changed against the lists before", "Who came, who went and why, and whose amount is another. Masked like the list itself."),
    write("checkList", "/v1/lists/{id}/check", Action::ManageList, ("ListControl", "ListStep"), || web::post().to(payment_lists::check))
        .takes(&[DRY_RUN, PLAN])
        .says("Check a list", "Holds every item against the records of this moment: the rules of an order (death, unit, method, account), cancelled or held payments, amounts that moved, and accounts that the last money came back from. What it finds is counted in an event; a finding that blocks must be mended or taken off."),
    write("approveList", "/v1/lists/{id}/approve", Action::ApproveList, ("ListControl", "ListStep"), || web::post().to(payment_lists::approve))
        .takes(&[DRY_RUN, PLAN])
        .says("Approve a list", "By somebody who neither prepared nor changed it. Lists above the profile's sum do not go out without."),
    write("submitList", "/v1/lists/{id}/submit", Action::ManageList, ("ListSubmission", "ListStep"), || web::post().to(payment_lists::submit))
        .takes(&[DRY_RUN, PLAN])
        .says("Submit a list", "It goes to its agent, with the money. Checked once more; refused while an item must be mended."),
    write("acknowledgeList", "/v1/lists/{id}/acknowledge", Action::AcknowledgeList, ("ListAcknowledgement", "ListStep"), || web::post().to(payment_lists::acknowledge))
        .takes(&[DRY_RUN, PLAN])
        .says("Record the agent's answer to a list", "For the list as a whole; what becomes of each payment is reported for the payment. Where the profile says so, the agent's yes to the list makes each of its payments accepted. A list that the agent refused may be withdrawn, so that its payments go on another one. A bank acknowledges the lists that go to it alone."),
    write("reconcileList", "/v1/lists/{id}/reconcile", Action::ManageList, ("ListReconciliation", "ListStep"), || web::post().to(payment_lists::reconcile))
        .takes(&[DRY_RUN, PLAN])
        .says("Reconcile a list", "When every item has an outcome: advanced must be paid and handed back. Again when money came back later."),
    write("closeList", "/v1/lists/{id}/close", Action::ManageList, ("ListClosing", "ListStep"), || web::post().to(payment_lists::close))
        .takes(&[DRY_RUN, PLAN])
        .says("Close a list", "When it is reconciled and nothing has moved since."),
    write("shortenList", "/v1/lists/{id}/remove", Action::ManageList, ("ListRemoval", "ListStep"), || web::post().to(payment_lists::remove))
        .takes(&[DRY_RUN, PLAN])
        .says("Take items off a list", "Before it goes out, or when its agent refused it. Payments that the list ordered are cancelled; others may go on another list. Voids check and approval."),
    write("withdrawList", "/v1/lists/{id}/withdraw", Action::ManageList, ("ListWithdrawal", "ListStep"), || web::post().to(payment_lists::withdraw))
        .takes(&[DRY_RUN, PLAN])
        .says("Withdraw a list", "Before it goes out, or when its agent refused it: takes everything off, then calls the list off."),
    read("units", "/v1/units", Some(Action::ReadReference), Output::Table("UnitList"), || web::get().to(reference::units))
        .takes(&[
            parameter("on", "Date", "In force on this day; all versions when absent."),
            parameter("level", "Text", "A level of the profile."),
            parameter("under", "Text", "Under this unit key."),
            parameter("code", "Text", "With this code."),
            FORMAT,
        ])
        .says("Administrative units", "Dated versions. Codes are reused by reforms; keys are not."),
    read("reference", "/v1/reference", Some(Action::ReadReference), Output::Json("CodeLists"), || web::get().to(reference::codes))
        .says("Code lists", "Benefit types, groups, channels, paying agents, banks and levels of the profile in force."),
    read("listApprovals", "/v1/approvals", Some(Action::ReadApproval), Output::Table("ApprovalList"), || web::get().to(approvals::list))
        .takes(&[UNIT, parameter("status", "ApprovalStatus", "Where it stands."), LIMIT, CURSOR, MIN_POSITION, FORMAT])
        .says("List approvals", "What waits for a second person, and what became of it. Operators see and decide what is about banks and keys, which belong to no unit; supervisors what is about their units; auditors of the whole log see both."),
    read("readApproval", "/v1/approvals/{id}", Some(Action::ReadApproval), Output::Json("Approval"), || web::get().to(approvals::read))
        .says("Read an approval", "With exactly what was asked."),
    write("grantApproval", "/v1/approvals/{id}/grant", Action::DecideApproval, ("ApprovalGrant", "Approval"), || web::post().to(approvals::grant))
        .says("Consent", "Never to one's own request. The command is decided on the state of now and carried out once; `status` says `used`, or `failed` with the code of the refusal."),
    write("declineApproval", "/v1/approvals/{id}/decline", Action::ReadApproval, ("ApprovalDecline", "Approval"), || web::post().to(approvals::decline))
        .says("Decline", "Whoever asked takes it back so."),
    read("indicators", "/v1/indicators", Some(Action::ReadReference), Output::Json("IndicatorList"), || web::get().to(reference::indicators))
        .says("Definitions of the indicators", "Formula and source of each figure that is served."),
    read("playbook", "/v1/playbook", Some(Action::ReadReference), Output::Table("Playbook"), || web::get().to(worklist::playbook))
        .takes(&[FORMAT])
        .says("The return playbook", "For each class of reasons, some of its codes, and each situation: who acts, within how many working days, how, and by which operations, the one that ends the matter first."),
    read("calendar", "/v1/calendar", Some(Action::ReadReference), Output::Table("CycleCalendar"), || web::get().to(calendar::calendar))
        .takes(&[
            Parameter { name: "cycle", description: "The payment run's month.", schema: "Month", required: true },
            parameter("unit", "Text", "A unit key, or a code that names one unit: with its own days. Everywhere when absent."),
            FORMAT,
        ])
        .says("The days of a cycle", "Cut-offs, windows, due days and the day of the unpaid list, each with its reason: as planned, put off over a weekend or holiday, or a unit's own days. `together`: benefit months that this cycle pays at once."),
    // People: accounts checked, who may receive, suspensions, matching with the population database.
    write("checkAccount", "/v1/beneficiaries/{id}/account-check", Action::ChangeBeneficiary, ("AccountCheck", "Beneficiary"), || {
        web::post().to(people::check_account)
    })
    .says("Record who holds an account", "The name that the bank gives is compared with the vault's (exact, folded_equal without capitals and tone marks, different) and goes no further: the log has the result alone. The account stays as it is, whatever the result."),
    write("authorise", "/v1/beneficiaries/{id}/authorisations", Action::ChangeBeneficiary, ("Authorisation", "Beneficiary"), || {
        web::post().to(people::authorise)
    })
    .says("Record who may receive on a person's behalf", "An authorised person or a guardian. Who it is goes encrypted to the vault. How long it may hold and whether it must be certified is the profile's (in Vietnam: certified, at most 12 months)."),
    write("endAuthorisation", "/v1/beneficiaries/{id}/authorisations/end", Action::ChangeBeneficiary, ("AuthorisationEnd", "Beneficiary"), || {
        web::post().to(people::end_authorisation)
    })
    .says("End an authorisation", "It no longer holds from that day on."),
    read("listAuthorisations", "/v1/authorisations", Some(Action::ReadBeneficiary), Output::Table("AuthorisationList"), || web::get().to(worklists::authorisations))
        .takes(&[
            Parameter { name: "expiring_before", description: "Whose last day lies before this one.", schema: "Date", required: true },
            parameter("expiring_from", "Date", "Whose last day is this one or later; today when absent."),
            UNIT, LIMIT, CURSOR, MIN_POSITION, FORMAT,
        ])
        .says("List authorisations that run out", "The last one of each person: somebody who may still receive by a later one is not in it. In the order of registration."),
    write("suspendBenefit", "/v1/beneficiaries/{id}/suspend", Action::SuspendBenefit, ("Suspension", "Beneficiary"), || {
        web::post().to(people::suspend)
    })
    .says("Suspend a benefit, or all", "Payments for months from that one on are refused, alone and in files, until the benefit is resumed."),
    write("resumeBenefit", "/v1/beneficiaries/{id}/resume", Action::SuspendBenefit, ("Resumption", "Beneficiary"), || {
        web::post().to(people::resume)
    })
    .says("Resume a benefit, or all", "Payable again from that month on. With `arrears` the suspended months are owed and may be ordered as arrears (`kind`); without, they stay unpaid."),
    write("recordIdentity", "/v1/beneficiaries/{id}/identity", Action::RecordIdentity, ("IdentityMatch", "Beneficiary"), || {
        web::post().to(people::record_identity)
    })
    .says("Record a result of matching with the population database", "The latest check counts. A permission of its own: no clerk has it."),
    read("identityWorklist", "/v1/identity/worklist", Some(Action::ReadBeneficiary), Output::Table("IdentityWorklist"), || web::get().to(worklists::identity_worklist))
        .takes(&[
            UNIT,
            parameter("status", "IdentityToLookInto", "Only these; all four when absent."),
            CHANNEL, LIMIT, CURSOR, MIN_POSITION, FORMAT,
        ])
        .says("Whose identity must be looked into", "Mismatches, people not found, duplicates, and people recorded as dead in the population database; the living of the caller's units, in the order of registration."),
    read("identity", "/v1/identity", Some(Action::ReadFigures), Output::Table("IdentityFigures"), || web::get().to(worklists::identity))
        .takes(&[
            UNIT, BENEFIT_TYPE, BENEFIT_GROUP, CHANNEL,
            parameter("group_by", "Text", "unit, channel, or both joined by a comma."), CURSOR,
            parameter("limit", "Count", "With groups by unit: at most so many units; 1000 when absent, and at most."), AS_OF, AS_OF_POSITION, AS_OF_DAY, MIN_POSITION, FORMAT,
        ])
        .says(
            "How far matching with the population database has come",
            "Indicators I1 (verified / all but the excluded) and I2 (the unmatched, and those of them with a payment that a bank refused for a reason of identity), over beneficiaries who are neither reported dead nor erased; completeness: people with an answer / all but the excluded. The channel is that of the payout method chosen last; the benefit type is one that was ordered for the person; the unit is what the person's has become.",
        ),
];

/// The operation of a method and a path pattern.
#[must_use]
pub fn find(method: &str, pattern: &str) -> Option<&'static Operation> {
    OPERATIONS.iter().chain(SANDBOX).find(|operation| operation.path == pattern && operation.method.upper() == method)
}

/// Registers every operation of the table; other methods on its paths are answered with 405. Paths without parameters come first: they
/// are compared as text, all others by their pattern, one after the other.
pub fn configure(config: &mut web::ServiceConfig) {
    let mut done: Vec<&str> = Vec::new();
    let (with_parameters, fixed): (Vec<&Operation>, Vec<&Operation>) =
        OPERATIONS.iter().partition(|other| other.path.contains('{'));
    for operation in fixed.into_iter().chain(with_parameters) {
        if done.contains(&operation.path) {
            continue;
        }
        done.push(operation.path);
        let mut resource = web::resource(operation.path);
        for same in OPERATIONS.iter().filter(|other| other.path == operation.path) {
            resource = resource.route((same.route)());
        }
        config.service(resource.default_service(web::to(method_not_allowed)));
    }
}

async fn method_not_allowed() -> Result<&'static str, Problem> {
    Err(Problem::MethodNotAllowed)
}
