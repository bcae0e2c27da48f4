//! What follows in the lives: deaths, holds, recoveries, money that people bring back. It lags behind and breaks off anywhere, as a process
//! does that is killed, and ends in agreement all the same.

use super::lives::{Group, out_by_events};
use super::*;
use crate::domain::ids::RecoveryId;
use crate::domain::recovery::agreement::{give_back, hold_after_death, is_over};
use crate::domain::recovery::{self, Recovery, RecoveryCommand, RecoveryEvent, RecoveryState, overpaid};
use std::collections::BTreeMap;

const ON: Date = date(2025, 5, 2);

impl Group {
    /// The day of death as a command was decided with it: one in four was looked up before it was recorded.
    pub(super) fn death_as_read(&mut self) -> Option<Date> {
        if self.dice.one_in(4) { None } else { self.died_on }
    }

    /// Between the bank's letters: somebody dies, people pay back, and the process does some of what follows.
    pub(super) fn afterwards(&mut self, number: usize) {
        if self.died_on.is_none() && self.dice.one_in(200) {
            self.died_on = Some(if self.dice.one_in(2) { date(2025, 2, 27) } else { date(2025, 3, 30) });
            self.figures.deaths += 1;
        }
        if self.dice.one_in(3) {
            let most = self.dice.below(3);
            self.agree(number, most);
        }
        if self.dice.one_in(4) {
            self.recover(number);
        }
    }

    /// All that follows; then the sums agree.
    pub(super) fn agree_at_last(&mut self, number: usize) {
        if self.is_guarded() {
            self.agree(number, usize::MAX);
            self.check_agreement(number);
        }
    }

    /// At most so many steps of what is to be done.
    fn agree(&mut self, number: usize, most: usize) {
        if !self.is_guarded() {
            return;
        }
        for _ in 0..most.min(100) {
            if !self.agree_by_one_step(number) {
                return;
            }
        }
        assert!(most < 100, "it never comes to an end");
    }

    fn agree_by_one_step(&mut self, number: usize) -> bool {
        let Some(payment) = self.lives[number].life.state.instructed.clone() else { return false };
        if let Some(hold) = hold_after_death(&payment, self.died_on) {
            self.send(number, &hold);
            return true;
        }
        let found = self.lives[number].recoveries.values().filter_map(|recovery| recovery.found.clone());
        let back = found.into_iter().find_map(|found| Some((found.attempt, give_back(&payment, &found)?)));
        if let Some((attempt, back)) = back {
            self.send(number, &back);
            self.lives[number].given_back.insert(attempt);
            self.figures.given_back += 1;
            return true;
        }
        let due: BTreeMap<RecoveryId, _> =
            overpaid(&payment, self.died_on).into_iter().map(|o| (o.recovery_id(), o)).collect();
        let finds = due.iter().map(|(id, overpayment)| {
            (*id, RecoveryCommand::Find { overpayment: Box::new(overpayment.clone()), found_on: ON })
        });
        let over = self.lives[number].recoveries.iter().filter(|(id, recovery)| {
            !due.contains_key(*id) && recovery.found.as_ref().is_some_and(|found| is_over(&payment, found))
        });
        let lapses = over.map(|(id, _)| (*id, RecoveryCommand::Lapse { lapsed_on: ON }));
        let commands: Vec<_> = finds.chain(lapses).collect();
        commands.into_iter().any(|(id, command)| self.tell(number, id, &command))
    }

    /// Decides and applies; whether anything happened.
    fn tell(&mut self, number: usize, id: RecoveryId, command: &RecoveryCommand) -> bool {
        let state = self.lives[number].recoveries.entry(id).or_default();
        let Decision::Events(events) = recovery::decide(state, command, NOW) else { return false };
        for event in &events {
            state.evolve(event);
            self.figures.recoveries += u64::from(matches!(event, RecoveryEvent::Found(_)));
            self.figures.lapsed += u64::from(matches!(event, RecoveryEvent::Lapsed(_)));
            self.figures.written_off += u64::from(matches!(event, RecoveryEvent::WrittenOff(_)));
        }
        true
    }

    /// People bring money, in parts or whole, and some of it is given up.
    fn recover(&mut self, number: usize) {
        let open = |recovery: &Recovery| recovery.found.as_ref().is_some_and(|found| found.state.is_open());
        let ids: Vec<RecoveryId> =
            self.lives[number].recoveries.iter().filter(|(_, r)| open(r)).map(|(id, _)| *id).collect();
        if ids.is_empty() {
            return;
        }
        let id = ids[self.dice.below(ids.len())];
        let outstanding = self.lives[number].recoveries[&id].found.as_ref().unwrap().outstanding_minor();
        let receipt = self.dice.below(1_000_000);
        let receive = |minor: i64| RecoveryCommand::Receive {
            amount: dong(minor),
            received_on: ON,
            evidence: evidence(&format!("C{receipt}")),
        };
        let command = match self.dice.below(6) {
            0 => RecoveryCommand::Demand { demanded_on: ON, due_on: None, reference: "L1".to_owned() },
            1 | 2 => receive(outstanding),
            3 => receive((outstanding / 2).max(1)),
            4 => receive(outstanding + 1),
            _ => RecoveryCommand::WriteOff { written_off_on: ON, reason: "no estate".to_owned(), approval_id: None },
        };
        self.tell(number, id, &command);
    }

    /// What the payment's amount is beyond its order, by the events.
    fn over(&self, number: usize) -> i64 {
        let of = |event: &PaymentEvent| match event {
            PaymentEvent::ContradictionResolved(e) if e.difference_minor != 0 => match e.resolution {
                Resolution::MadeGood => Some(e.difference_minor.max(0)),
                Resolution::Accepted => Some(0),
                Resolution::Dismissed => None,
            },
            _ => None,
        };
        self.lives[number].life.events.iter().rev().find_map(of).unwrap_or(0)
    }

    /// What is out is owed or stands in exactly one recovery, by sums that use nothing of the rules' own.
    fn check_agreement(&self, number: usize) {
        let life = &self.lives[number];
        let Some(payment) = life.life.state.instructed.as_ref() else { return };
        let months = payment.benefit_months.len();
        let after = payment.benefit_months.iter().filter(|m| self.died_on.is_some_and(|d| **m > Month::of(d))).count();
        let open = payment.attempts.iter().find(|attempt| !attempt.state.is_final());
        assert!(open.is_none_or(|attempt| after == 0 || attempt.held), "what is after death is not held");
        let out = out_by_events(&life.life.events);
        let amount = payment.amount.minor;
        let owed = usize::from(out.values().any(|paid| *paid == amount) && !payment.called_off);
        let surplus = out.values().sum::<i64>() - i64::try_from(owed).unwrap() * amount;
        let dead = i64::try_from(owed * after).unwrap() * amount / i64::try_from(months).unwrap();
        let over = self.over(number) * i64::try_from(owed).unwrap();
        let over = over - over * i64::try_from(after).unwrap() / i64::try_from(months).unwrap();
        let mut recovered = 0;
        let mut seen = Vec::new();
        for found in life.recoveries.values().filter_map(|recovery| recovery.found.as_ref()) {
            let covered = found.received_minor() + found.written_off_minor - found.refund_minor;
            if found.state == RecoveryState::Lapsed {
                assert_eq!(found.refund_minor, found.received_minor(), "what came in is owed back");
                continue;
            }
            assert!(covered <= found.amount.minor, "more came back than was overpaid");
            if out.contains_key(&found.attempt) {
                let twice = seen.contains(&(found.attempt, found.ground));
                assert!(!twice, "one attempt's money is asked for twice");
                seen.push((found.attempt, found.ground));
                recovered += found.amount.minor;
            }
        }
        assert_eq!(recovered, surplus + dead + over, "overpaid and not recovered: {:?}", life.life.events);
    }
}

#[test]
fn a_return_told_twice_without_its_attempt_takes_no_late_money_back() {
    let came_back = return_with(dong(5_000_000));
    let life = given(&[ordered(), reject(), reissue(), accept(), about(1, settle())]).when(&came_back).life;
    let state = &life.state.instructed;
    assert_eq!(
        state.as_ref().map(|payment| (payment.standing().number, payment.standing().state)),
        Some((1, AttemptState::Settled))
    );
    life.when(&came_back).then_nothing_new();
}
