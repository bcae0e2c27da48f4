//! Banks' callbacks: signed reports of one payment each, against the server that records nothing. Signed before they are sent, so that it
//! is the server that is measured.

use super::figures::{Measured, Target, median, per_second};
use super::journal::import;
use super::load::{Load, Next};
use super::place::{Engine, Place, Server};
use super::{BenchError, Run, files};
use crate::app::App;
use crate::app::access::Principal;
use crate::app::banks::registry::NewBankKey;
use crate::banks::signature::Algorithm;
use crate::banks::simulator::sign;
use crate::clock::{Clock, SystemClock};
use crate::domain::ids::{BankId, EndToEndId};
use crate::domain::import::ImportKind;
use crate::store::Direction;
use crate::store::null::{BENCH_BANK, BENCH_BANK_KEY, BENCH_BANK_KEY_ID};
use ring::signature::Ed25519KeyPair;
use serde_json::Value;
use std::sync::{Arc, Mutex, PoisonError};
use uuid::Uuid;

/// Connections.
const CONNECTIONS: u64 = 64;
/// More than any machine of today answers in a second; so many are signed for each second.
const A_SECOND_MAX: u64 = 8_000;
/// Events of one page.
const PAGE: u32 = 10_000;
/// The private half of the key that the server which records nothing knows: of the first test vector of RFC 8032.
const SEED: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";

/// The rates of both, in turn.
pub async fn over_http(run: &Run<'_>, engine: &Engine) -> Result<Measured, BenchError> {
    let plan = run.plan;
    let a_round = A_SECOND_MAX * u64::try_from(plan.time.as_millis())? / 1_000;
    let place = run.place(engine, "callback").await?;
    let ordered = orders(run, &place, a_round * (plan.rounds + 1)).await?;
    let pair = bank_pair()?;
    let (server, null) = (place.serve().await?, run.ground.null_server().await?);
    let (mut ours, mut nothing) = (Vec::new(), Vec::new());
    for (round, named) in (0..).zip(ordered.chunks(usize::try_from(a_round)?)) {
        let unknown: Vec<EndToEndId> =
            (0..a_round).map(|number| no_payment(round, number)).collect::<Result<_, _>>()?;
        let one = load(&server, &pair, named).run(CONNECTIONS, plan.time).await?;
        let other = load(&null, &pair, &unknown).run(CONNECTIONS, plan.time).await?;
        // The first round warms both up.
        if round > 0 {
            let rates = (per_second(one.answers, one.time), per_second(other.answers, other.time));
            run.tell(&format!("callback, round {round}: {} requests/s, recording nothing {}", rates.0, rates.1));
            ours.push(rates.0);
            nothing.push(rates.1);
        }
    }
    drop((server, null));
    place.remove().await?;
    let rates = (median(ours), median(nothing));
    let measured = Measured::new("callback", "a bank's signed report, 64 connections", rates, Target::AtLeast(500));
    Ok(measured.of("requests/s", "the same server, recording nothing").noted("each settles a payment".to_owned()))
}

fn bank_pair() -> Result<Ed25519KeyPair, BenchError> {
    let byte = |at: usize| u8::from_str_radix(&SEED[at..at + 2], 16);
    let seed: Vec<u8> = (0..SEED.len()).step_by(2).map(byte).collect::<Result<_, _>>()?;
    Ok(Ed25519KeyPair::from_seed_unchecked(&seed)?)
}

/// An id that the server which records nothing has a payment for, as for every one.
fn no_payment(round: u64, number: u64) -> Result<EndToEndId, BenchError> {
    let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, &[round.to_be_bytes(), number.to_be_bytes()].concat());
    Ok(EndToEndId::parse(&id.simple().to_string())?)
}

/// Registers the bank, orders so many payments through it, and answers what they are called there.
async fn orders(run: &Run<'_>, place: &Place<'_>, count: u64) -> Result<Vec<EndToEndId>, BenchError> {
    let app = place.app().await?;
    register(&app).await?;
    let people = run.plan.people;
    import(&app, ImportKind::Beneficiaries, &files::people(run.ground.folder(), people)?).await?;
    let file = files::to_accounts(run.ground.folder(), "callbacks", (count, people))?;
    import(&app, ImportKind::Payments, &file).await?;
    std::fs::remove_file(file)?;
    app.catch_up().await?;
    let (mut after, mut found) = (0, Vec::new());
    loop {
        let page = app.store.read_all(Some(after), Direction::Forwards, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.position;
        for event in page.iter().filter(|event| event.event_type == "PaymentInstructed") {
            let data: Value = serde_json::from_slice(&event.data)?;
            found.push(EndToEndId::parse(data["end_to_end_id"].as_str().unwrap_or_default())?);
        }
    }
    app.store.close().await;
    Ok(found)
}

async fn register(app: &App) -> Result<(), BenchError> {
    let bank = BankId::parse(BENCH_BANK)?;
    let request = |deed: &str| app.own_request(&Principal::local("bench"), deed);
    app.register_bank(&request("bank"), &bank, (None, None)).await?;
    let (key_id, material) = (BENCH_BANK_KEY_ID.to_owned(), BENCH_BANK_KEY.to_owned());
    let key = NewBankKey { key_id, algorithm: Algorithm::EdDsa, material, valid_from: None, valid_to: None };
    app.add_bank_key(&request("key"), &bank, key).await?;
    Ok(())
}

/// A report on each of the payments, all signed now.
fn load(server: &Server, pair: &Ed25519KeyPair, named: &[EndToEndId]) -> Load {
    let (address, now) = (server.address.clone(), SystemClock.now().as_second());
    let mut signed: Vec<String> = named.iter().map(|id| report(&address, pair, (now, id))).collect();
    signed.reverse();
    let signed = Mutex::new(signed);
    let next: Next = Arc::new(move || signed.lock().unwrap_or_else(PoisonError::into_inner).pop());
    Load { address, next, status: 202, holds: "\"applied\":1" }
}

fn report(address: &str, pair: &Ed25519KeyPair, (now, id): (i64, &EndToEndId)) -> String {
    let body = format!(
        r#"{{"message_id":"{now}-{id}","items":[{{"end_to_end_id":"{id}","status":"settled","date":"2025-08-05"}}]}}"#
    );
    let token = sign(pair, BENCH_BANK_KEY_ID, (now, body.as_bytes()));
    format!(
        "POST /v1/bank-callbacks/{BENCH_BANK} HTTP/1.1\r\nHost: {address}\r\nx-jws-signature: {token}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compose::{Opening, compose_null};
    use crate::domain::profile::Profile;
    use crate::store::{OpenMode, null};
    use crate::vault::MasterKey;

    /// Otherwise a rate of refusals would be compared with.
    #[tokio::test]
    async fn the_server_that_records_nothing_takes_a_report_through_its_whole_way() {
        let opening = Opening {
            url: null::URL.to_owned(),
            mode: OpenMode::Beside,
            master: MasterKey::generate(&SystemClock),
            profile: Arc::new(Profile::vietnam()),
            clock: Arc::new(SystemClock),
            runs_projections: false,
        };
        let app = compose_null(opening, None).await.unwrap();
        let bank = BankId::parse(BENCH_BANK).unwrap();
        let request = report("", &bank_pair().unwrap(), (SystemClock.now().as_second(), &no_payment(1, 1).unwrap()));
        let (head, body) = request.split_once("\r\n\r\n").unwrap();
        let token = head.lines().find_map(|line| line.strip_prefix("x-jws-signature: ")).unwrap();
        let headers = [("x-jws-signature", token)];
        let known = app.check_bank_headers(&bank, &headers).await.unwrap();
        let asked = (&bank, Arc::clone(&known));
        let view = app.bank_callback(asked, &headers, body.as_bytes().to_vec()).await.unwrap();
        let verdicts = view.state.applied.clone().unwrap();
        assert_eq!((verdicts.applied, verdicts.no_op, verdicts.quarantined), (1, 0, 0));
        assert!(app.bank_receipt(&view).await.unwrap().is_some());
        let forged =
            app.bank_callback((&bank, known), &headers, body.replace("settled", "returned").into_bytes()).await;
        assert!(forged.is_err());
    }
}
