//! Payment lives with a misbehaving bank: late, repeated, reordered, contradictory, of wrong amounts. Each group of lives is
//! replayable from its seed. What the bank truly paid is kept apart from the log, and the two are compared after every life.
//! Deaths and recoveries are in `aftermath`.

use super::dice::{Dice, Figures};
use super::*;
use crate::domain::claims;
use crate::domain::ids::RecoveryId;
use crate::domain::payment::event::{PaymentSettled, PaymentSettledLate};
use crate::domain::recovery::Recovery;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Write as _;

/// Lives of one person that quarrel about the same months.
const LIVES_PER_GROUP: usize = 4;
const STEPS_PER_GROUP: usize = 60;

#[derive(Default)]
pub(super) struct PaymentLife {
    pub(super) life: Life,
    /// Messages under way, delivered in any order.
    pub(super) mail: Vec<PaymentCommand>,
    /// Attempts whose money the bank truly has out.
    pub(super) out: BTreeSet<u32>,
    /// What the bank truly paid for each attempt: what it was told to by then, or more or less.
    pub(super) paid: BTreeMap<u32, Money>,
    /// Attempts that the bank has got and dealt with.
    pub(super) sent: BTreeSet<u32>,
    /// Attempts of which a report is with a person, because it was quarantined or refused.
    pub(super) with_a_person: BTreeSet<u32>,
    was_overpaid: bool,
    pub(super) recoveries: BTreeMap<RecoveryId, Recovery>,
    /// Attempts whose money came back through a recovery, past the bank.
    pub(super) given_back: BTreeSet<u32>,
}

pub(super) struct Group {
    seed: u64,
    /// Without it late money is not recorded and nothing is recovered: the control that must find double payments.
    pub(super) guard: bool,
    pub(super) died_on: Option<Date>,
    pub(super) dice: Dice,
    pub(super) lives: Vec<PaymentLife>,
    claims: HashMap<(&'static str, Vec<u8>), usize>,
    pub(super) figures: Figures,
}

/// Whoever finds a life that breaks a promise can live it again.
impl Drop for Group {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let (seed, guard) = (self.seed, self.guard);
            _ = writeln!(std::io::stderr(), "live it again: Group::new({seed}, {guard}).run()");
        }
    }
}

/// What the events alone say is with the beneficiary, by attempt; nothing of the rules' fold is used.
pub(super) fn out_by_events(events: &[PaymentEvent]) -> BTreeMap<u32, i64> {
    let mut out = BTreeMap::new();
    for event in events {
        match event {
            PaymentEvent::Settled(PaymentSettled { attempt, amount, .. })
            | PaymentEvent::SettledLate(PaymentSettledLate { attempt, amount, .. }) => {
                assert_eq!(out.insert(*attempt, amount.minor), None, "attempt {attempt} settled twice");
            }
            PaymentEvent::Returned(e) => _ = out.remove(&e.attempt),
            PaymentEvent::Reissued(_) | PaymentEvent::Cancelled(_) => {
                assert!(out.is_empty(), "opened or freed while money was known to be out");
            }
            _ => {}
        }
    }
    out
}

impl Group {
    fn new(seed: u64, guard: bool) -> Self {
        let lives = (0..LIVES_PER_GROUP).map(|_| PaymentLife::default()).collect();
        let (claims, figures) = (HashMap::new(), Figures::default());
        Self { seed, guard, died_on: None, dice: Dice(seed), lives, claims, figures }
    }

    fn run(mut self) -> Figures {
        for number in 0..LIVES_PER_GROUP {
            let order = self.order(number);
            self.send(number, &order);
        }
        for _ in 0..STEPS_PER_GROUP {
            let number = self.dice.below(LIVES_PER_GROUP);
            self.step(number);
            self.afterwards(number);
        }
        for number in 0..LIVES_PER_GROUP {
            while !self.lives[number].mail.is_empty() {
                self.deliver(number);
            }
            self.agree_at_last(number);
            self.check_reality(number);
            self.count(number);
        }
        std::mem::take(&mut self.figures)
    }

    fn order(&mut self, number: usize) -> PaymentCommand {
        let months = [month("2025-03"), month("2025-04")];
        let first = self.dice.below(2);
        let both = self.dice.one_in(6);
        let beside = [PaymentKind::Arrears, PaymentKind::Supplement][self.dice.below(2)];
        let kind = if self.dice.one_in(8) { beside } else { PaymentKind::Regular };
        let died_on = self.death_as_read();
        instruct(|order| {
            order.payment_id = PaymentId::from_uuid(Uuid::from_u128(u128::try_from(number).unwrap() + 1));
            order.reference = PaymentReference::parse(&format!("QN-{number}")).unwrap();
            order.benefit_months = if both { months.to_vec() } else { vec![months[first]] };
            order.limits.kind = kind;
            order.cycle = months[1];
            order.beneficiary.died_on = died_on;
        })
    }

    pub(super) const fn is_guarded(&self) -> bool {
        self.guard
    }

    /// Decides, takes the claims, applies: all or nothing, as an append is.
    pub(super) fn send(&mut self, number: usize, command: &PaymentCommand) {
        let late = |events: &[PaymentEvent]| events.iter().any(|event| matches!(event, PaymentEvent::SettledLate(_)));
        let events = match decide(&self.lives[number].life.state, command, NOW) {
            Decision::Events(events) if !self.guard && late(&events) => return,
            Decision::Events(events) => events,
            Decision::NoOp => return,
            Decision::Quarantine(_) => {
                self.figures.quarantined += 1;
                return self.note_person(number, command);
            }
            Decision::Refused(refusal) => {
                let late = late(&self.lives[number].life.events);
                self.figures.guarded +=
                    u64::from(late && matches!(refusal.code(), "late-money-out" | "payment-already-settled"));
                return self.note_person(number, command);
            }
        };
        let (mut state, mut changes) = (self.lives[number].life.state.clone(), Vec::new());
        for event in &events {
            changes.extend(claims::of_payment_event(&state, event));
            state.evolve(event);
        }
        let held_by_others = |change: &claims::ClaimChange| {
            change.take && self.claims.get(&(change.kind, change.key.clone())).is_some_and(|holder| *holder != number)
        };
        if changes.iter().any(held_by_others) {
            // Money of a cancelled payment is recorded as too much when another has its months; an order is refused.
            if let Some(command) = without_months(command) {
                return self.send(number, &command);
            }
            self.figures.months_refused += 1;
            return;
        }
        for change in changes {
            let key = (change.kind, change.key);
            if change.take {
                self.claims.insert(key, number);
            } else {
                assert_eq!(self.claims.remove(&key), Some(number), "released what another payment holds");
            }
        }
        self.figures.events += u64::try_from(events.len()).unwrap();
        self.lives[number].life.apply(events);
        self.check(number);
    }

    fn note_person(&mut self, number: usize, command: &PaymentCommand) {
        if let PaymentCommand::Settle { attempt: Some(attempt), .. } = command {
            self.lives[number].with_a_person.insert(*attempt);
        }
    }

    fn step(&mut self, number: usize) {
        if self.lives[number].life.state.instructed.is_none() {
            // Its month was taken when it was ordered; it may have become free.
            let order = self.order(number);
            return self.send(number, &order);
        }
        self.bank_takes_orders(number);
        match self.dice.below(10) {
            0..=4 => self.deliver(number),
            5 => self.send(number, &fail()),
            6 | 7 => {
                let mut again = reissue_by(in_cash());
                again.died_on = self.death_as_read();
                self.send(number, &PaymentCommand::Reissue(Box::new(again)));
            }
            8 => {
                let recall_confirmed = self.dice.one_in(3);
                // A confirmed recall is true only while the bank has not paid.
                let latest = self.lives[number].life.state.instructed.as_ref().unwrap().latest().number;
                let confirmed = recall_confirmed && !self.lives[number].out.contains(&latest);
                if self.dice.one_in(2) {
                    self.send(number, &cancel(confirmed));
                }
            }
            _ => self.clerk(number),
        }
    }

    /// After every event: money is conserved, nobody is paid twice by the record, a replay gives the state.
    fn check(&mut self, number: usize) {
        let life = &self.lives[number].life;
        let payment = life.state.instructed.as_ref().unwrap();
        let out = out_by_events(&life.events);
        let settled = payment.attempts.iter().filter(|attempt| attempt.state == AttemptState::Settled).count();
        let open = payment.attempts.iter().filter(|attempt| !attempt.state.is_final()).count();
        assert!(settled <= 1, "two attempts settled and not returned");
        assert!(open <= 1, "two attempts open");
        let is_out: BTreeSet<u32> = payment.attempts.iter().filter(|a| a.is_out()).map(|a| a.number).collect();
        assert_eq!(is_out, out.keys().copied().collect());
        let is_paid = out.values().any(|paid| *paid == payment.amount.minor) && !payment.called_off;
        assert_eq!(settled > 0, is_paid && open == 0, "{:?}", life.events);
        let minor: i64 = out.values().sum();
        let owed = if is_paid { payment.amount.minor } else { 0 };
        assert_eq!(minor, owed + payment.overpaid_minor(), "money is not conserved");
        assert_eq!(Payment::replay(&life.events), life.state);
        self.lives[number].was_overpaid |= self.overpaid(number);
        self.check_months();
    }

    fn overpaid(&self, number: usize) -> bool {
        self.lives[number].life.state.instructed.as_ref().unwrap().overpaid_minor() > 0
    }

    /// One payment of each kind for each month of the person, and one supplement of each amount, but for what was called off.
    fn check_months(&self) {
        let mut months = BTreeMap::new();
        for (number, life) in self.lives.iter().enumerate() {
            let Some(payment) = &life.life.state.instructed else { continue };
            if payment.called_off {
                continue;
            }
            let difference = if payment.kind == PaymentKind::Supplement { payment.ordered_minor } else { 0 };
            for paid_for in &payment.benefit_months {
                let what = (payment.kind.as_str(), difference, *paid_for);
                assert_eq!(months.insert(what, number), None, "{what:?} is paid by two payments");
            }
        }
    }

    /// When all letters have come: no money is out that neither the record nor a person knows of.
    fn check_reality(&mut self, number: usize) {
        let life = &self.lives[number];
        let recorded = out_by_events(&life.life.events);
        let out: BTreeSet<u32> = life.out.difference(&life.given_back).copied().collect();
        if out.len() > 1 {
            let known = |a: &u32| recorded.contains_key(a) || life.with_a_person.contains(a);
            let waiting = life.life.state.instructed.as_ref().and_then(|payment| payment.contradiction.as_ref());
            let unknown = out.iter().filter(|a| !known(a) && waiting.is_none_or(|open| open.attempt != **a)).count();
            self.figures.let_through += u64::try_from(unknown).unwrap();
        }
        if !self.guard {
            return;
        }
        let waiting = life.life.state.instructed.as_ref().and_then(|payment| payment.contradiction.as_ref());
        let waits = |attempt: &u32| waiting.is_some_and(|open| open.attempt == *attempt);
        for attempt in &out {
            let known = recorded.contains_key(attempt) || life.with_a_person.contains(attempt) || waits(attempt);
            assert!(known, "attempt {attempt} is paid and nobody knows: {:?}", life.life.events);
        }
        for attempt in recorded.keys() {
            // A settlement whose return came before it is with a person as an impossible order.
            let explained = out.contains(attempt) || life.life.events.iter().any(|event| settles(event, *attempt));
            assert!(explained, "attempt {attempt} is on record as paid without a letter");
        }
    }

    fn count(&mut self, number: usize) {
        let (life, figures) = (&self.lives[number], &mut self.figures);
        figures.lives += 1;
        figures.overpaid += u64::from(life.was_overpaid);
        for event in &life.life.events {
            figures.settled += u64::from(matches!(event, PaymentEvent::Settled(_)));
            figures.late += u64::from(matches!(event, PaymentEvent::SettledLate(_)));
            figures.reinstated += u64::from(matches!(event, PaymentEvent::SettledLate(e) if e.reinstated));
            figures.recalled += u64::from(matches!(event, PaymentEvent::Recalled(_)));
            figures.contradicted += u64::from(matches!(event, PaymentEvent::Contradicted(_)));
            if let PaymentEvent::ContradictionResolved(resolved) = event {
                figures.dismissed += u64::from(resolved.resolution == Resolution::Dismissed);
                figures.made_good += u64::from(resolved.resolution == Resolution::MadeGood);
            }
            figures.returned += u64::from(matches!(event, PaymentEvent::Returned(_)));
            figures.stopped += u64::from(matches!(event, PaymentEvent::SettledLate(e) if e.stopped_attempt.is_some()));
        }
    }
}

/// The same settlement, told that another payment has the months; nothing for other commands or when it was told already.
fn without_months(command: &PaymentCommand) -> Option<PaymentCommand> {
    let mut command = command.clone();
    match &mut command {
        PaymentCommand::Settle { months_free, .. } | PaymentCommand::Resolve { months_free, .. } if *months_free => {
            *months_free = false;
        }
        _ => return None,
    }
    Some(command)
}

fn settles(event: &PaymentEvent, attempt: u32) -> bool {
    match event {
        PaymentEvent::Settled(e) => e.attempt == attempt,
        PaymentEvent::SettledLate(e) => e.attempt == attempt,
        _ => false,
    }
}

fn lives(seed: u64, groups: u64, guard: bool) -> Figures {
    let mut figures = Figures::default();
    for group in 0..groups {
        figures.add(&Group::new(seed.wrapping_mul(1_000_003).wrapping_add(group), guard).run());
    }
    figures
}

#[test]
fn a_hundred_thousand_lives_with_a_misbehaving_bank_pay_nobody_twice_unnoticed() {
    let figures = lives(2025, 25_000, true);
    writeln!(std::io::stderr(), "seed 2025: {figures:?}\n{}", figures.in_words()).unwrap();
    assert_eq!(figures.let_through, 0);
    assert_eq!(figures.lives, 100_000);
    // The bank must have misbehaved enough for the checks above to mean something.
    for (what, count) in [
        ("settled", figures.settled),
        ("returned", figures.returned),
        ("late", figures.late),
        ("reinstated", figures.reinstated),
        ("recalled", figures.recalled),
        ("contradicted", figures.contradicted),
        ("dismissed", figures.dismissed),
        ("made good", figures.made_good),
        ("deaths", figures.deaths),
        ("recoveries", figures.recoveries),
        ("lapsed", figures.lapsed),
        ("given back", figures.given_back),
        ("written off", figures.written_off),
        ("stopped", figures.stopped),
        ("overpaid", figures.overpaid),
        ("quarantined", figures.quarantined),
        ("months refused", figures.months_refused),
        ("guarded", figures.guarded),
        ("paid twice by the bank", figures.paid_twice_by_bank),
    ] {
        assert!(count > 200, "{what} is too rare: {figures:?}");
    }
}

#[test]
fn a_seed_gives_the_same_lives_again() {
    assert_eq!(lives(7, 50, true), lives(7, 50, true));
    assert_ne!(lives(7, 50, true), lives(8, 50, true));
}

/// The control: a simulation that cannot fail would show nothing.
#[test]
fn without_the_guard_the_same_bank_pays_twice_and_nobody_knows() {
    let figures = lives(2025, 1_000, false);
    assert!(figures.let_through > 50, "{figures:?}");
    assert_eq!((figures.late, figures.recoveries), (0, 0));
}
