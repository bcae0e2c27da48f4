//! `verify` and `rebuild --check`: a clean log passes, and each way of changing what is stored is found and named.

pub mod figures;
mod lists;
mod tampering;

use crate::support::engine::{Engine, Home};
use crate::support::{on_both_engines, postgres};
use chitra::app::App;
use chitra::app::access::Principal;
use chitra::app::execute::WriteRequest;
use chitra::app::imports::{ImportAnswer, ImportOrder, ImportStatus, Source};
use chitra::app::reports::{CorrectInput, Report};
use chitra::app::verify::{Check, Verification};
use chitra::clock::{Clock, SimulatedClock};
use chitra::compose::{Opening, compose};
use chitra::domain::envelope;
use chitra::domain::ids::{PaymentId, PaymentReference};
use chitra::domain::import::{ImportKind, ImportMode};
use chitra::domain::profile::Profile;
use chitra::projections::Projection;
use chitra::store::{OpenMode, RequestKey};
use chitra::vault::MasterKey;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions};
use std::fmt::Write;
use std::sync::Arc;
use tempfile::TempDir;

on_both_engines!(
    a_clean_log_passes_and_its_money_is_all_there,
    the_digest_is_of_the_events_and_changes_with_the_next_one,
    figures_that_are_behind_are_compared_at_their_own_position,
    figures_that_are_ahead_of_a_log_that_was_put_back_are_built_anew,
    both_checks_hold_while_someone_else_writes,
);

/// 2026-11-23, a day on which the units below exist.
const BEGIN_US: i64 = 1_795_400_000_000_000;
const MASTER: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
/// The payments of December 2026 are reported when their days have come.
const AFTER_DECEMBER_US: i64 = 60 * 86_400_000_000;
const UNITS: [&str; 2] = ["C20194@20250701", "C20197@20250701"];

/// A log with people, payments in every state, and its figures.
pub struct Town {
    pub app: Arc<App>,
    home: Home,
    folder: TempDir,
    clock: Arc<SimulatedClock>,
}

impl Town {
    async fn new(engine: Engine) -> Self {
        let (home, folder) = (Home::new(engine).await, tempfile::tempdir().unwrap());
        let clock = Arc::new(SimulatedClock::new(BEGIN_US + AFTER_DECEMBER_US, 7));
        let app = open(&home.url, OpenMode::Writer { holder: "the test".to_owned() }, &clock).await;
        let town = Self { app, home, folder, clock };
        town.fill().await;
        town
    }

    /// Another process's view of the same database.
    pub async fn beside(&self) -> Arc<App> {
        open(&self.home.url, OpenMode::Beside, &self.clock).await
    }

    pub async fn verify(&self) -> Verification {
        self.app.verify(&|_, _| {}).await.unwrap()
    }

    /// Runs a statement of SQLite's words behind the program's back; how many rows it changed.
    pub async fn run(&self, text: &str) -> u64 {
        if self.home.database.is_some() {
            let statement = AssertSqlSafe(for_postgres(text));
            let mut connection = postgres::connect(&self.home.url).await;
            return sqlx::query(statement).execute(&mut connection).await.unwrap().rows_affected();
        }
        let path = self.home.url.trim_start_matches("sqlite:");
        let mut connection = SqliteConnectOptions::new().filename(path).connect().await.unwrap();
        sqlx::query(AssertSqlSafe(format!("ATTACH '{path}-views' AS views"))).execute(&mut connection).await.unwrap();
        sqlx::query(AssertSqlSafe(text.to_owned())).execute(&mut connection).await.unwrap().rows_affected()
    }

    /// The same, where something must change.
    pub async fn sql(&self, text: &str) {
        assert!(self.run(text).await > 0, "{text}");
    }

    async fn import(&self, kind: ImportKind, name: &str, text: &str) {
        let file = self.folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        let order = ImportOrder {
            principal: Principal::local("the test"),
            kind,
            mode: ImportMode::All,
            dry_run: false,
            control_count: None,
            control_sum_minor: None,
            request: None,
        };
        let answer = self.app.import(&order, &Source::of_file(&file).unwrap(), &|_| {}).await.unwrap();
        let ImportAnswer::Report(report) = answer else { panic!("a second time") };
        assert_eq!(report.status, ImportStatus::Completed, "{:?}", report.issues);
    }

    fn request(key: &str) -> WriteRequest {
        WriteRequest {
            principal: Principal::local("the test"),
            source: envelope::Source::Api,
            idempotency: RequestKey {
                caller: "the test".to_owned(),
                idempotency_key: key.to_owned(),
                input_hash: [1; 32],
            },
            if_match: None,
            occurred_at: None,
        }
    }

    pub async fn payment(&self, reference: &str) -> PaymentId {
        let found = self.app.views.payments_by_reference(&[PaymentReference::parse(reference).unwrap()]).await.unwrap();
        found[0].payment_id
    }

    async fn report(&self, reference: &str, key: &str, report: Report) {
        self.app.report(&Self::request(key), self.payment(reference).await, report).await.unwrap();
    }

    pub async fn pay(&self, from: u32, to: u32, month: &str) {
        let mut text = "payment_reference,beneficiary_ref,benefit_type,cycle,amount,unit,channel\n".to_owned();
        for number in from..to {
            let (unit, amount) = (UNITS[number as usize % 2], 1_000_000 + number);
            writeln!(text, "{month}-{number},B-{number},pension,{month},{amount},{unit},cash_desk").unwrap();
        }
        self.import(ImportKind::Payments, &format!("{month}-{from}.csv"), &text).await;
    }

    async fn fill(&self) {
        let mut people = "beneficiary_ref,name,unit,channel,effective_month\n".to_owned();
        for number in 0..12 {
            writeln!(people, "B-{number},Nguyen Van {number},{},cash_desk,2026-01", UNITS[number % 2]).unwrap();
        }
        self.import(ImportKind::Beneficiaries, "people.csv", &people).await;
        self.pay(0, 12, "2026-12").await;
        let outcomes = "payment_reference,status,date,reason\n\
            2026-12-0,settled,2026-12-10,\n2026-12-1,settled,2026-12-10,\n2026-12-2,rejected,2026-12-10,AC04\n\
            2026-12-3,failed,2026-12-25,unclaimed\n2026-12-4,settled,2026-12-10,\n2026-12-5,accepted,2026-12-09,\n";
        self.import(ImportKind::Outcomes, "outcomes.csv", outcomes).await;
        self.clock.set_us(self.clock.now_us() + 86_400_000_000);
        self.import(
            ImportKind::Outcomes,
            "returns.csv",
            "payment_reference,status,date,reason\n2026-12-4,returned,2026-12-12,AC01\n",
        )
        .await;
        self.app.catch_up().await.unwrap();
        let money = self.app.profile.currency.parse("1500000").unwrap();
        let correct = |correction| Report::Correct { correction, ground: "typing error".to_owned() };
        self.report("2026-12-6", "k1", correct(CorrectInput::Amount(money))).await;
        self.report("2026-12-7", "k2", correct(CorrectInput::Unit(UNITS[0].to_owned()))).await;
        self.report("2026-12-8", "k3", Report::Cancel { reason: "moved away".to_owned(), recall_confirmed: false })
            .await;
        self.report("2026-12-9", "k4", correct(CorrectInput::Reference(PaymentReference::parse("NEW-9").unwrap())))
            .await;
        self.app.catch_up().await.unwrap();
    }
}

/// SQLite's words in PostgreSQL's.
fn for_postgres(text: &str) -> String {
    let mut text = text.to_owned();
    for (sqlite, postgres) in [
        ("AS BLOB)", "AS BYTEA)"),
        ("CAST(data AS TEXT)", "convert_from(data, 'UTF8')"),
        ("CAST(metadata AS TEXT)", "convert_from(metadata, 'UTF8')"),
        ("randomblob(16)", "decode(md5(random()::text), 'hex')"),
        ("randomblob(32)", "sha256(random()::text::bytea)"),
        ("randomblob(60)", "decode(repeat(md5(random()::text), 4), 'hex')"),
    ] {
        text = text.replace(sqlite, postgres);
    }
    // Bytes in hex: x'00'.
    while let Some((before, rest)) = text.split_once(" x'") {
        let (digits, after) = rest.split_once('\'').unwrap();
        text = format!("{before} '\\x{digits}'::bytea{after}");
    }
    text
}

async fn open(url: &str, mode: OpenMode, clock: &Arc<SimulatedClock>) -> Arc<App> {
    compose(Opening {
        url: url.to_owned(),
        mode,
        master: MasterKey::parse(MASTER).unwrap(),
        profile: Arc::new(Profile::vietnam()),
        clock: Arc::clone(clock) as Arc<dyn Clock>,
        runs_projections: false,
    })
    .await
    .unwrap()
}

/// The checks that found something.
pub fn failed(verification: &Verification) -> Vec<Check> {
    Check::ALL.into_iter().filter(|check| verification.findings.count(*check) > 0).collect()
}

async fn a_clean_log_passes_and_its_money_is_all_there(engine: Engine) {
    let town = Town::new(engine).await;
    let verified = town.verify().await;
    assert_eq!(failed(&verified), [], "{:?}", verified.findings);
    assert_eq!(verified.events, verified.head.position);
    assert_eq!(verified.figures_position, verified.head.position);
    let [totals] = &verified.money[..] else { panic!("{:?}", verified.money) };
    let ordered = (0..12).map(|number| 1_000_000 + number).sum::<i128>() - 1_000_006 + 1_500_000;
    assert_eq!((totals.instructed.count, totals.instructed.minor), (12, ordered));
    assert_eq!(totals.statuses.sum(), totals.instructed);
    assert_eq!(totals.statuses.open().count, 6);
    // One file claim for each of four imports, twelve people, twelve references, eleven months: a cancelled one is free.
    assert_eq!(verified.claims, 4 + 12 + 12 + 11);
}

async fn the_digest_is_of_the_events_and_changes_with_the_next_one(engine: Engine) {
    let town = Town::new(engine).await;
    let before = town.verify().await.log_digest;
    assert_eq!(town.beside().await.verify(&|_, _| {}).await.unwrap().log_digest, before);
    town.pay(0, 1, "2027-01").await;
    assert_ne!(town.verify().await.log_digest, before);
}

async fn figures_that_are_behind_are_compared_at_their_own_position(engine: Engine) {
    let town = Town::new(engine).await;
    let at = town.verify().await.figures_position;
    let report = Report::Cancel { reason: "moved away".to_owned(), recall_confirmed: false };
    town.report("2026-12-10", "k5", report).await;
    let verified = town.verify().await;
    assert_eq!(failed(&verified), [], "{:?}", verified.findings);
    assert_eq!((verified.figures_position, verified.head.position), (at, at + 1));
}

async fn figures_that_are_ahead_of_a_log_that_was_put_back_are_built_anew(engine: Engine) {
    let town = Town::new(engine).await;
    // As if the log's file came from a backup of before the last events.
    town.sql("UPDATE projections SET position = position + 1000").await;
    town.app.catch_up().await.unwrap();
    for projection in Projection::ALL {
        assert_eq!(
            town.app.views.progress(projection).await.unwrap().checkpoint.position,
            town.app.store.head().await.unwrap().position
        );
    }
    figures::assert_same(&town.app).await;
}

async fn both_checks_hold_while_someone_else_writes(engine: Engine) {
    let town = Arc::new(Town::new(engine).await);
    let beside = town.beside().await;
    let writing = {
        let town = Arc::clone(&town);
        tokio::spawn(async move {
            for cycle in 1..9 {
                town.pay(0, 12, &format!("2027-0{cycle}")).await;
                town.app.catch_up().await.unwrap();
            }
        })
    };
    let mut rounds = 0;
    while !writing.is_finished() || rounds == 0 {
        let verified = beside.verify(&|_, _| {}).await.unwrap();
        assert_eq!(failed(&verified), [], "{:?}", verified.findings);
        figures::assert_same(&beside).await;
        rounds += 1;
    }
    writing.await.unwrap();
}
