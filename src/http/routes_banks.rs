//! The part of the table of operations that is about banks: their messages, and the registry of their keys.

use crate::app::access::Action;
use crate::http::operation::{Operation, Output, Parameter, read, write};
use crate::http::parameters::{BANK, CURSOR, CYCLE, FORMAT, LIMIT, MESSAGE_FORMAT, MIN_POSITION, UNIT, parameter};
use crate::http::{bank_files, bank_registry, banks, reconciliation};
use actix_web::web;

const ORDER_BANK: Parameter =
    Parameter { required: true, ..parameter("bank", "Code", "The bank that the payments go through.") };

pub(super) const BANKS: &[Operation] = &[
    write("bankCallback", "/v1/bank-callbacks/{bank}", Action::ReportOutcome, ("BankMessage", "InboxMessage"), || web::post().to(banks::callback))
        .signed()
        .says("A bank's signed message", "pain.002, camt.053, camt.054, pacs.004 (001.03 to 001.15) or JSON of this schema. Signed over the exact bytes: a detached JWS in `x-jws-signature` (ES256, EdDSA; `kid`, `iat`), or Standard Webhooks. The same message again, in any order, changes nothing more; what cannot be applied waits for a person."),
    read("listMessages", "/v1/inbox", Some(Action::ReadInbox), Output::Table("MessageList"), || web::get().to(banks::list))
        .takes(&[
            BANK, MESSAGE_FORMAT,
            parameter("judged", "Boolean", "false: only those that a crash left without verdicts."),
            parameter("waiting", "Boolean", "true: only those with an item that waits for a person."),
            LIMIT, CURSOR, MIN_POSITION, FORMAT,
        ])
        .says("List banks' messages", "In the order in which they came. Not for a key with a unit: a message holds other units' payments too; its items are under `/v1/inbox/items`."),
    read("listWaitingItems", "/v1/inbox/items", Some(Action::ReadInbox), Output::Table("WaitingItemList"), || web::get().to(banks::items))
        .takes(&[
            UNIT, BANK, parameter("message", "Id", "Of this message."),
            parameter("resolved", "Boolean", "true: those that somebody dealt with as well."),
            LIMIT, CURSOR, MIN_POSITION, FORMAT,
        ])
        .says("List items that wait for a person", "What could not be applied, with its cause. An item without a payment belongs to no unit."),
    read("readInbox", "/v1/inbox/{id}", Some(Action::ReadInbox), Output::Json("InboxMessage"), || web::get().to(banks::read))
        .says("What became of a bank's message", "How many items were applied, changed nothing, or wait, and why."),
    write("resolveInbox", "/v1/inbox/{id}/resolve", Action::ResolveInbox, ("InboxResolution", "InboxMessage"), || web::post().to(banks::resolve))
        .says("Say that an item was dealt with", "With the reason, which is kept for ever: no names, no numbers of persons."),
    read("listBanks", "/v1/banks", Some(Action::ManageBanks), Output::Json("BankList"), || web::get().to(bank_registry::list))
        .says("List the banks that may report", "With what their codes mean and their public keys; never a secret."),
    write("registerBank", "/v1/banks", Action::ManageBanks, ("BankRegistration", "BankEntry"), || web::post().to(bank_registry::register))
        .says("Register a bank", "Or give its codes another meaning: a mapping file's text, over ISO's codes."),
    write("addBankKey", "/v1/banks/{bank}/keys", Action::ManageBanks, ("BankKey", "BankEntry"), || web::post().to(bank_registry::add_key))
        .says("Add a bank's key", "A public key as PEM or JWK, or a shared secret, which goes encrypted to the vault. Several are valid at once while a bank changes from one to the next."),
    write("disableBankKey", "/v1/banks/{bank}/disable-key", Action::ManageBanks, ("BankKeyName", "BankEntry"), || web::post().to(bank_registry::disable_key))
        .says("Disable a bank's key", "At once and for ever; its id is not given again."),
    write("arrangeOrders", "/v1/banks/{bank}/orders", Action::ManageBanks, ("BankOrders", "BankEntry"), || web::post().to(bank_files::arrange))
        .says("Say how a bank takes orders", "As a pain.001 of which version or a table of which columns, from which account of the agency's, in which letters. The account goes encrypted to the vault; without one the account before stays."),
    read("orderList", "/v1/lists/{id}/order", Some(Action::ReadList), Output::BankFile, || web::get().to(bank_files::order))
        .takes(&[
            ORDER_BANK,
            parameter("format", "BankTableFormat", "csv or xlsx (default), where the bank takes a table."),
            parameter("without_stopped", "Boolean", "true: leave out what was held, cancelled or given up since the list went out."),
            parameter("instead", "Boolean", "true: an order with other payments that was handed out before never went out, or the bank refused it as a whole."),
        ])
        .says("The order of a list to a bank", "Of a list that was submitted: its payments through this bank, as the bank takes them (`arrangeOrders`). `MsgId` is made from list, bank and payments, `EndToEndId` each attempt's; the same bytes whenever it is asked for. Names and accounts stand in it in full: who took it is recorded before. `X-Control-Count` and `X-Control-Sum` are what it adds up to."),
    read("recallList", "/v1/lists/{id}/recall", Some(Action::ReadList), Output::BankFile, || web::get().to(bank_files::recall))
        .takes(&[
            ORDER_BANK,
            Parameter { required: true, ..parameter("reason", "Text", "ISO 20022 reason of a cancellation: CUST, DUPL, UPAY ...") },
            parameter("payments", "Text", "Up to 500 payment ids of the list, joined by commas; all that are held when absent."),
        ])
        .says("A note that recalls payments of a list", "camt.055: asks the bank to stop what was ordered. It changes nothing here; hold or cancel the payments, and what the bank answers is reported for each. Who took it is recorded."),
    read("reconcileStatement", "/v1/reconciliation/{id}", Some(Action::ReadInbox), Output::Table("Reconciliation"), || web::get().to(reconciliation::statement))
        .takes(&[LIMIT, CURSOR, MIN_POSITION, FORMAT])
        .says("A statement against the record", "A camt.053 of the inbox (`/v1/inbox?message_format=camt.053`), entry by entry, with the record as it is now: matched (counted only), extra, another amount, twice, another state, unknown, not booked; then what we hold settled on its days and it has not. Its own sums, and statements lost before it. For whoever sees the whole log, and the bank."),
    read("silence", "/v1/silence", Some(Action::ReadWorklist), Output::Table("Silence"), || web::get().to(reconciliation::silence))
        .takes(&[CYCLE, MIN_POSITION, FORMAT])
        .says("Who is silent", "Banks past the hour by which a message must have come (`registerBank`), desks with a day that is over and not closed, units with payments overdue in the cycle and nothing recorded since the last working day. Banks only for a key without a unit."),
];
