//! The demo's province: the same seed makes the same log, nothing personal is in it, and it is as lively as a real one.

use crate::support::engine::{Engine, Home};
use chitra::app::App;
use chitra::app::access::Principal;
use chitra::app::demo::{self, DemoError, DemoOrder, DemoWritten, calendar};
use chitra::clock::{Clock, SimulatedClock};
use chitra::compose::{Opening, compose};
use chitra::domain::profile::Profile;
use chitra::projections::figures::adoption::Adoption;
use chitra::projections::figures::settlement::Settlement;
use chitra::projections::figures::{AsOf, Dimension, FigureQuery};
use chitra::store::{Direction, OpenMode, RecordedEvent};
use chitra::vault::MasterKey;
use jiff::civil::date;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const SIZE: u32 = 300;

struct Province {
    app: Arc<App>,
    clock: Arc<SimulatedClock>,
    written: DemoWritten,
}

async fn open(seed: u64) -> (Arc<App>, Arc<SimulatedClock>) {
    open_at("sqlite::memory:", seed).await
}

async fn open_at(url: &str, seed: u64) -> (Arc<App>, Arc<SimulatedClock>) {
    let profile = Arc::new(Profile::vietnam());
    let clock = Arc::new(demo::clock(&profile, seed));
    let app = compose(Opening {
        url: url.to_owned(),
        mode: OpenMode::Writer { holder: "the test".to_owned() },
        master: MasterKey::generate(clock.as_ref()),
        profile,
        clock: Arc::<SimulatedClock>::clone(&clock) as Arc<dyn Clock>,
        runs_projections: false,
    });
    (app.await.unwrap(), clock)
}

async fn province(size: u32, seed: u64) -> Province {
    let (app, clock) = open(seed).await;
    let written = demo::write(&app, &clock, DemoOrder { size, seed }, &|_| {}).await.unwrap();
    Province { app, clock, written }
}

impl Province {
    async fn events(&self) -> Vec<RecordedEvent> {
        let mut events = Vec::new();
        loop {
            let after = events.last().map_or(0, |event: &RecordedEvent| event.position);
            let page = self.app.store.read_all(Some(after), Direction::Forwards, 10_000).await.unwrap();
            if page.is_empty() {
                return events;
            }
            events.extend(page);
        }
    }

    async fn adoption(&self, as_of: AsOf) -> Vec<Adoption> {
        let query = FigureQuery { group_by: vec![Dimension::Cycle], as_of, ..FigureQuery::default() };
        self.app.adoption(&Principal::local("test"), query, None).await.unwrap().answer
    }

    async fn settlement(&self) -> Settlement {
        let found = self.app.settlement(&Principal::local("test"), FigureQuery::default(), None, None).await.unwrap();
        found.answer.1.into_iter().next().unwrap()
    }
}

#[tokio::test]
async fn one_size_and_seed_make_one_log_another_seed_another_and_only_an_empty_log_is_taken() {
    let (one, same, other) = (province(100, 7).await, province(100, 7).await, province(100, 8).await);
    let digest = demo::log_digest(&one.app).await.unwrap();
    assert_eq!(digest, demo::log_digest(&same.app).await.unwrap());
    assert_ne!(digest, demo::log_digest(&other.app).await.unwrap());
    assert_eq!(one.written, same.written);

    let again = demo::write(&one.app, &one.clock, DemoOrder { size: 100, seed: 7 }, &|_| {}).await;
    assert!(matches!(again, Err(DemoError::NotEmpty { events }) if events == one.written.events));
}

#[tokio::test]
async fn one_size_and_seed_make_the_same_log_on_every_engine() {
    let mut digests = Vec::new();
    for engine in [Engine::SqliteFile, Engine::Postgres] {
        let home = Home::new(engine).await;
        let (app, clock) = open_at(&home.url, 1).await;
        demo::write(&app, &clock, DemoOrder { size: 100, seed: 1 }, &|_| {}).await.unwrap();
        digests.push(demo::log_digest(&app).await.unwrap());
        app.store.close().await;
    }
    assert_eq!(digests[0], digests[1]);
}

/// One province is enough for all that its log must show: to make one takes a while.
#[tokio::test]
async fn the_log_of_a_province_is_whole_lively_and_without_a_name() {
    let province = province(SIZE, 1).await;
    let events = province.events().await;
    assert_eq!(events.len() as u64, province.written.events);
    assert_eq!(province.written.refused_others, 0, "the rules refuse the dead only");
    everything_that_can_happen_happens(&events);
    recording_follows_the_business_days(&province.app.profile, &events);
    nothing_personal_is_in(&events, &demo::planted(&province.app.profile, DemoOrder { size: SIZE, seed: 1 }));
    units_are_those_of_the_day_due(&province.app.profile, &events);
    money_is_conserved(&province, &events).await;
}

fn everything_that_can_happen_happens(events: &[RecordedEvent]) {
    let types: BTreeSet<&str> = events.iter().map(|event| event.event_type.as_str()).collect();
    let wanted = [
        "BeneficiaryDied",
        "BeneficiaryMoved",
        "BeneficiaryRegistered",
        "IdentityMatchRecorded",
        "ImportCompleted",
        "ImportStarted",
        "PaymentAccepted",
        "PaymentCancelled",
        "PaymentCorrected",
        "PaymentFailed",
        "PaymentHeld",
        "PaymentInstructed",
        "PaymentReissued",
        "PaymentRejected",
        "PaymentReleased",
        "PaymentReturned",
        "PaymentSettled",
        "PayoutMethodChosen",
    ];
    assert_eq!(types, wanted.into());
}

fn recording_follows_the_business_days(profile: &Profile, events: &[RecordedEvent]) {
    let days: BTreeSet<_> = events.iter().map(|event| profile.business_day(event.recorded_at_us)).collect();
    assert!(days.len() > 60, "{} days", days.len());
    assert_eq!(days.first(), Some(&calendar::FIRST_DAY));
    assert!(days.last().is_some_and(|day| *day <= calendar::LAST_DAY));
    assert!(days.iter().all(|day| profile.working_days.is_working_day(*day)));
}

fn nothing_personal_is_in(events: &[RecordedEvent], planted: &[String]) {
    assert_eq!(planted.len(), 5 * SIZE as usize);
    for event in events {
        let text = format!(
            "{} {} {}",
            event.stream,
            String::from_utf8_lossy(&event.data),
            String::from_utf8_lossy(&event.metadata)
        );
        let found = planted.iter().find(|value| text.contains(value.as_str()));
        assert_eq!(found, None, "at position {}", event.position);
    }
}

fn units_are_those_of_the_day_due(profile: &Profile, events: &[RecordedEvent]) {
    for event in events.iter().filter(|event| event.event_type == "PaymentInstructed") {
        let data: serde_json::Value = serde_json::from_slice(&event.data).unwrap();
        let text = |name: &str| data[name].as_str().unwrap().to_owned();
        assert!(profile.units.get(&text("unit_key")).unwrap().in_force(text("due_on").parse().unwrap()));
        let has_district = profile.units.ancestors(&text("unit_key")).any(|unit| unit.level == "district");
        assert_eq!(has_district, text("cycle").as_str() < "2025-07", "{}", text("cycle"));
    }
}

async fn money_is_conserved(province: &Province, events: &[RecordedEvent]) {
    let mut amounts: BTreeMap<String, i64> = BTreeMap::new();
    let mut states: BTreeMap<String, &'static str> = BTreeMap::new();
    for event in events {
        let data: serde_json::Value = serde_json::from_slice(&event.data).unwrap();
        let state = match event.event_type.as_str() {
            "PaymentInstructed" => {
                amounts.insert(event.stream.clone(), data["amount"]["minor"].as_i64().unwrap());
                "open"
            }
            "PaymentCorrected" if data["correction"]["what"] == "amount" => {
                amounts.insert(event.stream.clone(), data["correction"]["new"]["minor"].as_i64().unwrap());
                continue;
            }
            "PaymentReissued" => "open",
            "PaymentSettled" => "settled",
            "PaymentRejected" | "PaymentFailed" | "PaymentReturned" => "not_paid",
            "PaymentCancelled" => "cancelled",
            _ => continue,
        };
        states.insert(event.stream.clone(), state);
    }
    let sum = |wanted: &str| -> i64 {
        states.iter().filter(|(_, state)| **state == wanted).map(|(stream, _)| amounts[stream]).sum()
    };
    let parts: i64 = ["open", "settled", "not_paid", "cancelled"].into_iter().map(sum).sum();
    assert_eq!(parts, amounts.values().sum::<i64>());
    let found = province.adoption(AsOf::Now).await;
    assert_eq!(found.iter().map(|run| run.amount.denominator).sum::<i64>(), sum("settled"));
    let funnel = province.settlement().await;
    assert_eq!(funnel.instructed.amount_minor, amounts.values().sum::<i64>());
    assert_eq!(funnel.instructed.amount_minor, funnel.states.values().map(|state| state.amount_minor).sum::<i64>());
}

#[tokio::test]
async fn adoption_rises_from_run_to_run_the_last_is_not_over_and_each_looked_different_before_its_returns() {
    let province = province(1_000, 1).await;
    let runs = province.adoption(AsOf::Now).await;
    let months: Vec<&str> = runs.iter().map(|run| run.key[0].as_str()).collect();
    assert_eq!(months, ["2025-01", "2025-03", "2025-04", "2025-06", "2025-07", "2025-08"]);
    let rates: Vec<i64> = runs.iter().map(|run| run.people.cashless * 1000 / run.people.all()).collect();
    assert!(rates.is_sorted() && (450..660).contains(&rates[0]) && (720..900).contains(&rates[5]), "{rates:?}");
    assert!(runs[5].completeness.numerator < runs[5].completeness.denominator);

    let then = province.adoption(AsOf::Day(date(2025, 3, 6))).await;
    assert_eq!(then.len(), 2);
    assert!(then[1].payments.denominator > 0 && then[1] != runs[1]);
}
