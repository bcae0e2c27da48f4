//! Lives that the rules themselves made: the row of each payment must say what the rules' fold says, late money or not. Tests only.

use super::*;
use crate::domain::beneficiary::authorisation::Standing;
use crate::domain::decision::Decision;
use crate::domain::payment::command::{AccountPayee, ChannelFact, PaymentCommand, Reissue};
use crate::domain::payment::event::{Evidence, FailureCause, Payee, Reason, ReasonClass, Resolution};
use crate::domain::payment::{Payment, decide};
use crate::projections::sample::{CHANNELS, Sample, history, money, payment_id};
use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;

fn evidence() -> Evidence {
    Evidence { kind: "statement".to_owned(), reference: "S1".to_owned() }
}

fn reason() -> Reason {
    Reason {
        system: "iso20022".to_owned(),
        code: "AC04".to_owned(),
        class: ReasonClass::AccountState,
        text: None,
        text_ref: None,
    }
}

fn reissue(choice: u8) -> PaymentCommand {
    let (code, cashless) = CHANNELS[usize::from(choice) % 3];
    let channel =
        ChannelFact { code: crate::domain::ids::ChannelCode::parse(code).unwrap(), cashless, requires_account: false };
    PaymentCommand::Reissue(Box::new(Reissue {
        channel,
        agent: crate::domain::ids::AgentCode::parse("post").unwrap(),
        bank: None,
        account_ref: None,
        due_on: date(2025, 3, 10),
        payee: if choice.is_multiple_of(2) { Payee::Beneficiary } else { Payee::Guardian },
        died_on: None,
        suspensions: Vec::new(),
        account_payee: AccountPayee::OWN,
        reason: "again".to_owned(),
    }))
}

fn command((kind, number, choice): (u8, u32, u8), amount: i64) -> PaymentCommand {
    let attempt = (number > 0).then_some(number);
    match kind {
        0 => PaymentCommand::Accept { attempt, agent_ref: None, raw_status: None, accepted_at: Timestamp::UNIX_EPOCH },
        1 | 2 => PaymentCommand::Settle {
            attempt,
            settled_on: date(2025, 3, 4),
            amount: money(amount),
            evidence: evidence(),
            collected_by: None,
            months_free: choice.is_multiple_of(2),
            collector: Standing::NotNeeded,
        },
        3 => PaymentCommand::Reject { attempt, reason: reason(), rejected_on: date(2025, 3, 4) },
        4 => PaymentCommand::Fail { attempt, cause: FailureCause::NoAnswer, deadline: date(2025, 3, 9) },
        5 => PaymentCommand::Return {
            attempt,
            returned_on: date(2025, 3, 7),
            amount: money(amount),
            reason: reason(),
            evidence: evidence(),
        },
        8 => PaymentCommand::Settle {
            attempt,
            settled_on: date(2025, 3, 5),
            amount: money(amount + 1),
            evidence: evidence(),
            collected_by: None,
            months_free: choice.is_multiple_of(2),
            collector: Standing::NotNeeded,
        },
        9 => PaymentCommand::Resolve {
            resolution: Resolution::ALL[usize::from(choice) % 3],
            reason: "asked".to_owned(),
            seen: None,
            months_free: choice.is_multiple_of(2),
        },
        10 => PaymentCommand::Hold { cause: "fraud".to_owned(), note: None },
        11 => PaymentCommand::Release { note: None, died_on: None },
        6 => PaymentCommand::Cancel { reason: "test".to_owned(), by: "agency".to_owned(), recall_confirmed: true },
        _ => reissue(choice),
    }
}

/// One payment's events, as the rules let the commands make them.
fn life(commands: &[(u8, u32, u8)]) -> (Vec<Fact>, Payment) {
    let mut facts = history(&[(0, 0, 7, 3)]);
    let mut state = Payment::default();
    let Some(Subject::Payment(_, first)) = facts.first().map(|fact| fact.subject.clone()) else { unreachable!() };
    state.evolve(&first);
    let amount = state.instructed.as_ref().unwrap().amount.minor;
    for step in commands {
        let Decision::Events(events) = decide(&state, &command(*step, amount), Timestamp::UNIX_EPOCH) else { continue };
        for event in events {
            state.evolve(&event);
            let number = facts.len() as u64;
            let mut fact = facts[0].clone();
            (fact.position, fact.revision) = (1 + number, number);
            fact.subject = Subject::Payment(payment_id(0), event);
            facts.push(fact);
        }
    }
    (facts, state)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn the_row_stands_where_the_rules_say(commands in prop::collection::vec((0_u8..12, 0_u32..4, any::<u8>()), 0..24), cut in 1_usize..24) {
        let (facts, state) = life(&commands);
        let cut = cut.min(facts.len());
        let mut loaded = Loaded::default();
        let mut row = None;
        for batch in [&facts[..cut], &facts[cut..]] {
            let changes = fold(batch, std::mem::take(&mut loaded), &Sample::new()).unwrap();
            row = changes.rows.last().map(|(_, row)| row.clone()).or(row);
            loaded.rows.extend(row.clone());
            loaded.live = changes.opened.into_iter().filter(|live| live.valid_to_position.is_none()).collect();
        }
        let (row, payment) = (row.unwrap(), state.instructed.unwrap());
        let standing = payment.standing();
        prop_assert_eq!((row.attempt, row.state), (standing.number, standing.state));
        prop_assert_eq!((row.held.is_some(), row.contradicted), (standing.held, payment.contradiction.is_some()));
        prop_assert_eq!(row.amount, payment.amount);
        prop_assert_eq!((&row.provider.channel, &row.provider.agent), (&standing.channel, &standing.agent));
        prop_assert_eq!((row.due_on, row.payee), (standing.due_on, standing.payee));
        prop_assert_eq!(&row.end_to_end_id, &standing.end_to_end_id);
        prop_assert_eq!(row.is_live(), payment.live_attempt().is_some());
        prop_assert_eq!(row.other_attempts().count() + 1, payment.attempts.len());
    }
}

#[test]
fn an_event_of_an_attempt_that_never_was_stops_the_projection() {
    let (mut facts, _) = life(&[(4, 0, 0), (1, 0, 0)]);
    if let Subject::Payment(_, PaymentEvent::SettledLate(late)) = &mut facts[2].subject {
        late.attempt = 9;
    }
    let error = fold(&facts, Loaded::default(), &Sample::new()).unwrap_err();
    assert!(matches!(error.cause, crate::projections::Cause::Attempt { found: 9, latest: 1 }), "{error}");
}
