//! Those who act in the lives: the bank, which pays, refuses and tells of it as it likes, and the clerk.

use super::lives::{Group, PaymentLife};
use super::*;
use crate::domain::payment::command::CorrectionRequest;

impl Group {
    pub(super) fn clerk(&mut self, number: usize) {
        if self.resolves(number) {
            return;
        }
        let correction = match self.dice.below(4) {
            0 => CorrectionRequest::Amount(dong(6_000_000)),
            1 => CorrectionRequest::BenefitMonths(vec![month("2025-04")]),
            2 => return self.send(number, &hold()),
            _ => {
                let died_on = self.death_as_read();
                return self.send(number, &PaymentCommand::Release { note: None, died_on });
            }
        };
        let died_on = self.death_as_read();
        let known = CorrectionFacts { died_on, ..nothing_known() };
        self.send(number, &PaymentCommand::Correct { correction, ground: "typing error".to_owned(), known });
    }

    /// Asks the bank what is true of a report of another amount.
    fn resolves(&mut self, number: usize) -> bool {
        let life = &self.lives[number];
        let open = life.life.state.instructed.as_ref().and_then(|payment| payment.contradiction.clone());
        let Some(open) = open else { return false };
        let is_true = life.paid.get(&open.attempt) == Some(&open.amount);
        if is_true {
            let taken = [Resolution::MadeGood, Resolution::Accepted][self.dice.below(2)];
            self.send(number, &resolve(taken));
        }
        let waits = |life: &PaymentLife| life.life.state.instructed.as_ref().unwrap().contradiction.is_some();
        if waits(&self.lives[number]) {
            assert!(!is_true || !self.guard, "money that is out cannot be recorded");
            self.send(number, &resolve(Resolution::Dismissed));
        }
        true
    }

    /// The bank deals with each new attempt in its own way and writes letters about it, some of them untrue.
    pub(super) fn bank_takes_orders(&mut self, number: usize) {
        let payment = self.lives[number].life.state.instructed.clone().unwrap();
        let latest = payment.latest().number;
        if payment.latest().state.is_final() || !self.lives[number].sent.insert(latest) {
            return;
        }
        let amount = payment.amount;
        let paid = |proof: &str| about(latest, settle_with(amount, &format!("{proof}{latest}")));
        let back = about(latest, return_with(amount));
        let wrong = about(latest, settle_with(dong(amount.minor - 1), &format!("W{latest}")));
        let (accepted, refused) = (about(latest, accept()), about(latest, reject()));
        let (out, mut letters) = match self.dice.below(10) {
            0..=2 => (true, vec![accepted, paid("S")]),
            3 => (false, vec![accepted, refused]),
            // Settles after rejecting, in whatever order the letters come.
            4 => (true, vec![refused, paid("S")]),
            5 => (false, vec![accepted, paid("S"), back]),
            // Returns twice.
            6 => (false, vec![paid("S"), back.clone(), back]),
            // Two proofs of one settlement, or a wrong amount.
            7 => (true, vec![paid("S"), paid("T"), wrong]),
            // Pays more or less than it was told to.
            8 => {
                let other = dong(amount.minor + [-700_000, 300_000][self.dice.below(2)]);
                self.lives[number].paid.insert(latest, other);
                (true, vec![accepted, about(latest, settle_with(other, &format!("O{latest}")))])
            }
            // Never answers.
            _ => (false, Vec::new()),
        };
        if self.dice.one_in(3) {
            letters.extend(letters.clone());
        }
        let life = &mut self.lives[number];
        life.mail.extend(letters);
        if out {
            self.figures.paid_twice_by_bank += u64::from(!life.out.is_empty());
            life.out.insert(latest);
            life.paid.entry(latest).or_insert(amount);
        }
    }

    pub(super) fn deliver(&mut self, number: usize) {
        let waiting = self.lives[number].mail.len();
        if waiting == 0 {
            return;
        }
        let chosen = self.dice.below(waiting);
        let letter = self.lives[number].mail.swap_remove(chosen);
        self.send(number, &letter);
    }
}
