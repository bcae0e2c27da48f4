//! The part of the table of operations that is about money to come back.

use crate::app::access::Action;
use crate::http::operation::{Effect, Operation, Output, read, write};
use crate::http::parameters::{CURSOR, FORMAT, LIMIT, MIN_POSITION, UNIT, parameter};
use crate::http::recoveries;
use actix_web::web;

pub(super) const RECOVERIES: &[Operation] = &[
    write("findOverpayment", "/v1/recoveries", Action::ManageRecovery, ("OverpaymentFinding", "Recovery"), || {
        web::post().to(recoveries::find)
    })
    .with_effect(Effect::Create)
    .says(
        "Record an overpayment that a person found",
        "What follows from the records (paid twice, after death, after a cancellation) is found by itself.",
    ),
    read("listRecoveries", "/v1/recoveries", Some(Action::ReadRecovery), Output::Table("RecoveryList"), || {
        web::get().to(recoveries::list)
    })
    .takes(&[
        UNIT,
        parameter("status", "RecoveryStatus", "Where it stands."),
        parameter("payment_id", "Id", "Of this payment."),
        parameter("beneficiary_id", "Id", "A beneficiary's pseudonym."),
        LIMIT,
        CURSOR,
        MIN_POSITION,
        FORMAT,
    ])
    .says(
        "List recoveries",
        "In the order in which they were found. `min_position` waits for what follows from that event too.",
    ),
    read("readRecovery", "/v1/recoveries/{id}", Some(Action::ReadRecovery), Output::Json("RecoveryView"), || {
        web::get().to(recoveries::read)
    })
    .says("Read a recovery", "With what came back so far."),
    write(
        "demandRecovery",
        "/v1/recoveries/{id}/demand",
        Action::ManageRecovery,
        ("RecoveryDemand", "Recovery"),
        || web::post().to(recoveries::demand),
    )
    .says("Record that the money was asked back", "Another letter is a reminder."),
    write(
        "receiveRecovery",
        "/v1/recoveries/{id}/receive",
        Action::ManageRecovery,
        ("RecoveryReceipt", "Recovery"),
        || web::post().to(recoveries::receive),
    )
    .says(
        "Record money that came back",
        "In parts or whole, never more than is outstanding. When all of an attempt is back, its payment is returned.",
    ),
    write(
        "writeOffRecovery",
        "/v1/recoveries/{id}/write-off",
        Action::WriteOffRecovery,
        ("RecoveryWriteOff", "Recovery"),
        || web::post().to(recoveries::write_off),
    )
    .says(
        "Give up what is outstanding",
        "202 where the profile wants a second person: it waits at `/v1/approvals/{id}` until one consents.",
    ),
];
