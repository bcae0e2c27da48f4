//! The rows in SQLite are those of the fold, in any batches, and figures read from them are those of the log.

use super::*;
use crate::domain::codec;
use crate::domain::period::Month;
use crate::projections::figures::adoption::{self, Adoption};
use crate::projections::figures::first::{self, FirstAttempts};
use crate::projections::figures::flow::{self, Flow};
use crate::projections::figures::settlement::{self, Settlement, Yardstick};
use crate::projections::figures::{AsOf, Dimension, FigureQuery, Filters, GroupKey, Source};
use crate::projections::sample::{Sample, Step as Happening, history, payment_id};
use crate::projections::{Cause, Fact, Subject, payments};
use crate::store::views::{AdvanceError, advance};
use crate::store::{EventStore, OpenMode, OpenOptions, RecordedEvent};
use jiff::civil::date;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// Whether a filter made from the second row keeps the first.
type Keeps = fn(&PaymentRow, &PaymentRow) -> bool;

pub(super) async fn store() -> Arc<SqliteStore> {
    let options = OpenOptions::new(OpenMode::Writer { holder: "test".to_owned() }, Arc::new(|| 0));
    crate::store::sqlite::open("sqlite::memory:", options).await.unwrap()
}

pub(super) fn recorded(fact: &Fact) -> RecordedEvent {
    let Subject::Payment(id, event) = &fact.subject else { panic!("the sample has payments alone") };
    let encoded = codec::encode_payment(event);
    RecordedEvent {
        position: fact.position,
        stream: format!("payment-{id}"),
        revision: fact.revision,
        event_id: Uuid::nil(),
        event_type: encoded.event_type.to_owned(),
        schema_version: encoded.schema_version,
        recorded_at_us: fact.recorded_at_us,
        data: encoded.data,
        metadata: Vec::new(),
        leaf_hash: [0; 32],
    }
}

pub(super) async fn project(store: &SqliteStore, facts: &[Fact], batch: usize) -> Checkpoint {
    let mut at = Checkpoint::default();
    for facts in facts.chunks(batch) {
        let page: Vec<RecordedEvent> = facts.iter().map(recorded).collect();
        at = advance(store, Projection::Payments, at, &page, &Sample::new()).await.unwrap();
    }
    at
}

/// The same histories at every run; each case has its own database, which is too slow for hundreds.
pub(super) fn histories(cases: usize) -> Vec<Vec<Happening>> {
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    (0..cases)
        .map(|_| {
            prop::collection::vec((0_u8..10, 0_u8..8, any::<u8>(), any::<u8>()), 150)
                .new_tree(&mut runner)
                .unwrap()
                .current()
        })
        .collect()
}

pub(super) fn folded(facts: &[Fact]) -> Vec<PaymentRow> {
    let changes = payments::fold(facts, payments::Loaded::default(), &Sample::new()).unwrap();
    changes.rows.into_iter().map(|(_, row)| row).collect()
}

pub(super) fn queries() -> Vec<FigureQuery> {
    let unit = |key: &str| UnitKey::parse(key).unwrap();
    let scopes = [
        Filters::default(),
        Filters { units: vec![unit("P1")], ..Filters::default() },
        Filters { units: vec![unit("C12"), unit("P2")], ..Filters::default() },
        Filters {
            benefit_groups: vec![crate::domain::ids::BenefitGroup::parse("monthly").unwrap()],
            ..Filters::default()
        },
        Filters {
            benefit_types: vec![BenefitType::parse("funeral").unwrap()],
            urban: Some(true),
            ..Filters::default()
        },
        Filters { channels: vec![ChannelCode::parse("account").unwrap()], ..Filters::default() },
    ];
    let cycle = Some(Month::new(2025, 2).unwrap());
    let level = |level: &str| Dimension::UnitLevel(level.to_owned());
    let groupings = [
        vec![],
        vec![level("province")],
        vec![level("commune"), Dimension::Channel],
        vec![Dimension::BenefitGroup, Dimension::Urban],
        vec![Dimension::BenefitType, Dimension::Cycle],
        vec![Dimension::Channel, Dimension::Agent, Dimension::Bank],
        vec![Dimension::Bank],
        vec![Dimension::Unit],
    ];
    let with = |filters: &Filters, group_by: &Vec<Dimension>, cycle| FigureQuery {
        filters: Filters { cycle_from: cycle, cycle_to: cycle, ..filters.clone() },
        group_by: group_by.clone(),
        as_of: AsOf::Now,
    };
    let of_scope = |filters: &Filters| -> Vec<FigureQuery> {
        groupings.iter().flat_map(|group_by| [with(filters, group_by, cycle), with(filters, group_by, None)]).collect()
    };
    scopes.iter().flat_map(of_scope).collect()
}

pub(super) fn yardstick() -> Yardstick {
    Yardstick { today: date(2025, 3, 10), ageing_days: vec![2, 5, 10, 25], timeliness_days: vec![5, 10, 25] }
}

pub(super) type Everything = (Vec<Adoption>, Vec<Settlement>, BTreeMap<GroupKey, FirstAttempts>, Vec<Flow>);

pub(super) async fn figures(store: &SqliteStore, query: &FigureQuery, forced: Option<Source>) -> Everything {
    let reference = Sample::new();
    let mut reads = adoption::reads(query, &reference).unwrap();
    if let Some(source) = forced {
        reads[0].source = source;
    }
    let answer = store.figures(&reads).await.unwrap().answer;
    let adoption = adoption::evaluate(answer.iter().flatten(), &query.group_by, &reference);
    let reads = settlement::reads(query, &reference).unwrap();
    let answer = store.figures(&reads).await.unwrap().answer;
    let settlement = settlement::evaluate(answer.iter().flatten(), &query.group_by, &yardstick());
    let answer = store.figures(&first::reads(query, &reference).unwrap()).await.unwrap().answer;
    let first = first::evaluate(answer.iter().flatten(), &query.group_by, &reference);
    let by_units = query.group_by.iter().all(|by| matches!(by, Dimension::Unit | Dimension::UnitLevel(_)));
    let mut flows = Vec::new();
    if let (true, Some(cycle)) = (by_units, query.filters.cycle_to) {
        let mut later = query.clone();
        later.filters.cycle_to = Some(cycle.plus(1));
        let reads = flow::reads(&later, cycle, &reference).unwrap();
        let answer = store.figures(&reads[..1]).await.unwrap().answer;
        flows = flow::evaluate(&answer[0], &query.group_by);
    }
    (adoption, settlement, first, flows)
}

#[tokio::test]
async fn any_batches_give_the_same_digests() {
    for (steps, batch) in histories(6).iter().zip([1, 2, 3, 7, 20, 50]) {
        let facts = history(steps);
        let (one, other) = (store().await, store().await);
        project(&one, &facts, batch).await;
        project(&other, &facts, facts.len()).await;
        let digests = one.digests(Projection::Payments).await.unwrap().answer;
        assert_eq!(digests, other.digests(Projection::Payments).await.unwrap().answer);
        assert!(digests.iter().all(|table| table.rows > 0), "{digests:?}");
    }
}

#[tokio::test]
async fn a_cleared_projection_builds_up_the_same_again() {
    let facts = history(&histories(1)[0]);
    let store = store().await;
    project(&store, &facts, 13).await;
    let before = store.digests(Projection::Payments).await.unwrap().answer;
    store.clear(Projection::Payments).await.unwrap();
    assert_eq!(store.progress(Projection::Payments).await.unwrap().checkpoint, Checkpoint::default());
    assert!(store.digests(Projection::Payments).await.unwrap().answer.iter().all(|table| table.rows == 0));
    project(&store, &facts, 4).await;
    assert_eq!(store.digests(Projection::Payments).await.unwrap().answer, before);
}

#[tokio::test]
async fn a_changed_value_changes_the_digest_of_its_table_alone() {
    let store = store().await;
    project(&store, &history(&histories(1)[0]), 13).await;
    let before = store.digests(Projection::Payments).await.unwrap().answer;
    let mut writer = store.views_writer().await.unwrap();
    sqlx::query("UPDATE payments SET held = '' WHERE held IS NULL").execute(&mut *writer).await.unwrap();
    drop(writer);
    let after = store.digests(Projection::Payments).await.unwrap().answer;
    let changed: Vec<&str> = before.iter().zip(&after).filter(|(a, b)| a != b).map(|(a, _)| a.table).collect();
    assert_eq!(changed, ["payments"]);
}

#[tokio::test]
async fn rows_come_back_as_they_were_folded() {
    for steps in histories(4) {
        let facts = history(&steps);
        let store = store().await;
        project(&store, &facts, 5).await;
        let expected = folded(&facts);
        let ids: Vec<PaymentId> = expected.iter().map(|row| row.payment_id).collect();
        let mut found = store.payments(&ids).await.unwrap();
        found.sort_unstable_by_key(|row| row.payment_id);
        assert_eq!(found, expected);
        for row in expected {
            let by_reference = store.payments_by_reference(std::slice::from_ref(&row.reference)).await.unwrap();
            assert!(by_reference.contains(&row));
            let first = EndToEndId::of(row.payment_id, 1);
            let by_attempt = store.attempts_by_end_to_end_id(std::slice::from_ref(&first)).await.unwrap();
            assert_eq!(by_attempt, [FoundAttempt { end_to_end_id: first, attempt: 1, payment_id: row.payment_id }]);
        }
    }
}

#[tokio::test]
async fn people_from_cells_are_the_people_counted_over_intervals() {
    for steps in histories(3) {
        let store = store().await;
        let facts = history(&steps);
        project(&store, &facts, 11).await;
        let cut = facts[facts.len() / 2].position;
        for query in queries() {
            for as_of in [AsOf::Now, AsOf::Position(cut), AsOf::Day(date(2025, 2, 21))] {
                let query = FigureQuery { as_of, ..query.clone() };
                let planned = figures(&store, &query, None).await.0;
                assert_eq!(planned, figures(&store, &query, Some(Source::Intervals)).await.0, "{query:?}");
            }
        }
    }
}

#[tokio::test]
async fn figures_as_of_a_position_are_those_of_a_log_that_ends_there() {
    let facts = history(&histories(1)[0]);
    let whole = store().await;
    project(&whole, &facts, 11).await;
    for cut in [0, 1, facts.len() / 3, facts.len() - 1, facts.len()] {
        let then = store().await;
        let position = project(&then, &facts[..cut], 11).await.position;
        for query in queries() {
            let past = FigureQuery { as_of: AsOf::Position(position), ..query.clone() };
            assert_eq!(figures(&whole, &past, None).await, figures(&then, &query, None).await, "{past:?}");
        }
    }
}

#[tokio::test]
async fn figures_as_of_a_day_are_those_of_a_log_that_ends_with_it() {
    let facts = history(&histories(1)[0]);
    let whole = store().await;
    project(&whole, &facts, 11).await;
    let days = |fact: &Fact| crate::projections::Reference::business_day(&Sample::new(), fact.recorded_at_us);
    for day in [date(2025, 1, 1), days(&facts[0]), days(&facts[facts.len() / 2]), date(2030, 1, 1)] {
        let then = store().await;
        let known: Vec<Fact> = facts.iter().filter(|fact| days(fact) <= day).cloned().collect();
        project(&then, &known, 11).await;
        for query in queries() {
            let past = FigureQuery { as_of: AsOf::Day(day), ..query.clone() };
            assert_eq!(figures(&whole, &past, None).await, figures(&then, &query, None).await, "{past:?}");
        }
    }
}

#[tokio::test]
async fn a_list_gives_each_payment_once_over_its_pages() {
    let facts = history(&histories(1)[0]);
    let store = store().await;
    project(&store, &facts, 11).await;
    let mut expected = folded(&facts);
    expected.sort_unstable_by_key(|row| row.instructed_position);
    let (mut found, mut after) = (Vec::new(), 0);
    loop {
        let page = store.list_payments(&PaymentFilter::default(), Page { after, limit: 3 }).await.unwrap();
        assert_eq!(page.checkpoint.position, facts.last().unwrap().position);
        let Some(last) = page.answer.last() else { break };
        after = last.instructed_position;
        found.extend(page.answer);
    }
    assert_eq!(found, expected);
}

#[tokio::test]
async fn each_filter_of_a_list_keeps_what_it_names() {
    let facts = history(&histories(1)[0]);
    let store = store().await;
    project(&store, &facts, 11).await;
    let all = folded(&facts);
    let one = all[3].clone();
    let none = PaymentFilter::default;
    let cases: Vec<(PaymentFilter, Keeps)> = vec![
        (PaymentFilter { units: Some(vec![one.unit_key.clone()]), ..none() }, |a, b| a.unit_key == b.unit_key),
        (PaymentFilter { units: Some(vec![]), ..none() }, |_, _| false),
        (PaymentFilter { benefit_types: vec![one.benefit_type.clone()], ..none() }, |a, b| {
            a.benefit_type == b.benefit_type
        }),
        (PaymentFilter { states: vec![one.state], ..none() }, |a, b| a.state == b.state),
        (PaymentFilter { channels: vec![one.provider.channel.clone()], ..none() }, |a, b| {
            a.provider.channel == b.provider.channel
        }),
        (PaymentFilter { banks: one.provider.bank.clone().into_iter().collect(), ..none() }, |a, b| {
            b.provider.bank.is_none() || a.provider.bank == b.provider.bank
        }),
        (PaymentFilter { cycle: Some(one.cycle), ..none() }, |a, b| a.cycle == b.cycle),
        (PaymentFilter { reference: Some(one.reference.clone()), ..none() }, |a, b| a.reference == b.reference),
        (PaymentFilter { due_before: Some(one.due_on), ..none() }, |a, b| a.due_on < b.due_on),
        (PaymentFilter { beneficiary: Some(one.beneficiary_id), ..none() }, |a, b| {
            a.beneficiary_id == b.beneficiary_id
        }),
        (PaymentFilter { held: Some(true), ..none() }, |a, _| a.waits()),
    ];
    for (filter, keeps) in cases {
        let mut expected: Vec<PaymentRow> = all.iter().filter(|row| keeps(row, &one)).cloned().collect();
        expected.sort_unstable_by_key(|row| row.instructed_position);
        let found = store.list_payments(&filter, Page { after: 0, limit: 100 }).await.unwrap().answer;
        assert_eq!(found, expected, "{filter:?}");
    }
}

#[tokio::test]
async fn a_step_from_another_place_than_the_projections_is_rejected() {
    let facts = history(&histories(1)[0]);
    let store = store().await;
    let page: Vec<RecordedEvent> = facts.iter().map(recorded).collect();
    let reference = Sample::new();
    let reached = advance(&*store, Projection::Payments, Checkpoint::default(), &page[..5], &reference).await.unwrap();
    let before = store.digests(Projection::Payments).await.unwrap().answer;
    for from in [Checkpoint::default(), Checkpoint { position: 999, ..reached }] {
        let changes = Changes::default();
        let to = Checkpoint { position: 1_000, recorded_at_us: 0 };
        let answer = store.apply_payments(&changes, Step { from, to }).await;
        assert!(matches!(answer, Err(StoreError::Rejected(_))), "{answer:?}");
    }
    assert_eq!(store.digests(Projection::Payments).await.unwrap().answer, before);
    assert_eq!(store.progress(Projection::Payments).await.unwrap().checkpoint, reached);
    store.apply_payments(&Changes::default(), Step { from: reached, to: reached }).await.unwrap();
}

#[tokio::test]
async fn an_event_that_cannot_be_handled_changes_nothing_and_is_noted_until_the_next_step() {
    let facts = history(&histories(1)[0]);
    let store = store().await;
    let page: Vec<RecordedEvent> = facts.iter().map(recorded).collect();
    let reference = Sample::new();
    let error =
        advance(&*store, Projection::Payments, Checkpoint::default(), &page[1..], &reference).await.unwrap_err();
    let AdvanceError::Projection(error) = error else { panic!("{error}") };
    assert!(matches!(error.cause, Cause::MissingRow(_)));
    assert!(store.digests(Projection::Payments).await.unwrap().answer.iter().all(|table| table.rows == 0));
    store.note_error(Projection::Payments, &error).await.unwrap();
    let noted = store.progress(Projection::Payments).await.unwrap();
    assert_eq!(noted.error, Some((error.position, error.cause.to_string())));
    assert_eq!(noted.checkpoint.position, 0);
    advance(&*store, Projection::Payments, Checkpoint::default(), &page, &reference).await.unwrap();
    assert_eq!(store.progress(Projection::Payments).await.unwrap().error, None);
    store.close().await;
}

#[tokio::test]
async fn texts_with_quotes_and_controls_come_back_as_they_were() {
    let mut facts = history(&[(0, 0, 0, 0)]);
    let odd = "a\"b\\c\n\u{1}đ'";
    if let Subject::Payment(_, crate::domain::payment::PaymentEvent::Instructed(e)) = &mut facts[0].subject {
        e.unit_code_as_received = odd.to_owned();
    }
    let store = store().await;
    project(&store, &facts, 1).await;
    assert_eq!(store.payments(&[payment_id(0)]).await.unwrap()[0].unit_code_as_received, odd);
}

#[tokio::test]
async fn people_come_back_as_they_were_folded() {
    use crate::domain::beneficiary::BeneficiaryEvent;
    use crate::domain::beneficiary::event::{BeneficiaryDied, BeneficiaryMoved, BeneficiaryRegistered, Cohort, Sex};
    let id = BeneficiaryId::from_uuid(Uuid::from_u128(7));
    let unit = |key: &str| UnitKey::parse(key).unwrap();
    let cohort = Cohort { birth_decade: Some(1950), sex: Some(Sex::Female) };
    let events = [
        BeneficiaryEvent::Registered(BeneficiaryRegistered { beneficiary_id: id, unit_key: unit("C11"), cohort }),
        BeneficiaryEvent::Moved(BeneficiaryMoved { to_unit_key: unit("C12"), effective_on: date(2025, 3, 1) }),
        BeneficiaryEvent::Died(BeneficiaryDied {
            died_on: date(2025, 5, 1),
            reported_on: date(2025, 5, 9),
            source: "x".to_owned(),
        }),
    ];
    let store = store().await;
    let (mut at, mut rows) = (Checkpoint::default(), Vec::new());
    for (revision, event) in (0..).zip(events) {
        let fact =
            Fact { position: 10 + revision, revision, recorded_at_us: 5, subject: Subject::Beneficiary(id, event) };
        let folded = crate::projections::beneficiaries::fold(&[fact], rows).unwrap();
        let to = Checkpoint { position: 10 + revision, recorded_at_us: 5 };
        store.apply_beneficiaries(&folded, Step { from: at, to }).await.unwrap();
        at = to;
        rows = folded.rows;
        assert_eq!(store.beneficiaries(&[id]).await.unwrap(), rows);
    }
    let page = Page { after: 0, limit: 10 };
    let of = |key: Option<&str>| PeopleFilter { units: key.map(|key| vec![unit(key)]), ..PeopleFilter::default() };
    assert_eq!(store.list_beneficiaries(&of(Some("C12")), page).await.unwrap().answer, rows);
    assert_eq!(store.list_beneficiaries(&of(Some("C11")), page).await.unwrap().answer, []);
    assert_eq!(store.list_beneficiaries(&of(None), Page { after: 10, limit: 10 }).await.unwrap().answer, []);
    assert_eq!(store.list_beneficiaries(&of(None), page).await.unwrap().checkpoint, at);
}
