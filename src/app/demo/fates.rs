//! What becomes of each payment, day by day: most arrive, some are rejected, come back or are not claimed, and are paid again.

use super::acts::{Act, Supplement};
use super::agenda::Agenda;
use super::calendar::Cycle;
use super::chance::What;
use super::names;
use super::people::{Entitlement, Person, Population};
use crate::domain::period::Month;
use jiff::civil::Date;

/// A payment that stands on a run's list.
pub struct Listed<'a> {
    pub person: &'a Person,
    pub cycle: &'a Cycle,
    pub entitlement: Entitlement,
    /// Which of the person's payments of the run it is.
    pub nth: usize,
    pub reference: &'a str,
    pub channel: &'static str,
}

/// What can happen to one in so many of 100,000 payments; the questions are independent.
#[derive(Clone, Copy)]
enum Rare {
    Cancelled = 0,
    AmountCorrected,
    DueDayCorrected,
    Held,
    Rejected,
    Returned,
    Silent,
    Late,
    Unclaimed,
    Supplemented,
}

impl Rare {
    const fn per_100_000(self) -> u64 {
        match self {
            Self::Cancelled | Self::AmountCorrected | Self::DueDayCorrected => 20,
            Self::Held => 30,
            Self::Rejected => 900,
            Self::Returned => 350,
            Self::Silent | Self::Supplemented => 40,
            Self::Late => 400,
            Self::Unclaimed => 1_200,
        }
    }
}

impl Population {
    /// Puts on the agenda all that happens to a payment.
    pub fn lead(&self, agenda: &mut Agenda, payment: &Listed) {
        let listed_on = payment.cycle.listed_on;
        let next_day = self.calendar.later(listed_on, 1);
        if is_for_the_dead(payment) {
            return self.come_too_late(agenda, payment);
        }
        if self.has(payment, Rare::Cancelled) {
            return agenda
                .act(next_day, Act::Cancel { payment: payment.reference.to_owned(), reason: "duplicate_entitlement" });
        }
        if self.has(payment, Rare::AmountCorrected) {
            let months = if payment.entitlement.monthly { payment.cycle.benefit_months().len() as u64 } else { 1 };
            let amount = payment.entitlement.amount * months + 100_000;
            agenda.act(next_day, Act::CorrectAmount { payment: payment.reference.to_owned(), amount });
        } else if self.has(payment, Rare::DueDayCorrected) {
            // Later than any due day of a run: a correction must change something.
            let due_on = self.calendar.later(payment.cycle.begins_on, 8);
            agenda.act(next_day, Act::CorrectDueDay { payment: payment.reference.to_owned(), due_on });
        }
        if payment.nth == 0 && payment.entitlement.monthly && self.has(payment, Rare::Supplemented) {
            self.supplement(agenda, payment);
        }
        match payment.channel {
            "account" | "wallet" => self.transfer(agenda, payment),
            _ => self.hand_over(agenda, payment),
        }
    }

    fn roll(&self, payment: &Listed, what: What, nth: usize, below: u64) -> u64 {
        self.chance.below(what, payment.person.index, (payment.cycle.number * 2 + payment.nth) * 32 + nth, below)
    }

    fn has(&self, payment: &Listed, rare: Rare) -> bool {
        let nth = (payment.cycle.number * 2 + payment.nth) * 32 + rare as usize;
        self.seldom((What::Rare, payment.person.index, nth), rare.per_100_000())
    }

    fn after(&self, payment: &Listed, day: Date, (least, spread): (u64, u64)) -> Date {
        let nth = usize::from(day.day().unsigned_abs());
        self.calendar.later(day, least + self.roll(payment, What::Late, nth, spread))
    }

    fn come_too_late(&self, agenda: &mut Agenda, payment: &Listed) {
        let reference = payment.reference;
        let back_on = if matches!(payment.channel, "account" | "wallet") {
            let settled_on = self.transferred_on(payment);
            agenda.outcome(settled_on, reference, "settled", "");
            let back_on = self.after(payment, settled_on, (4, 4));
            agenda.outcome(back_on, reference, "returned", "MD07");
            back_on
        } else {
            agenda.outcome(payment.cycle.closes_on, reference, "failed", "unclaimed");
            payment.cycle.closes_on
        };
        let cancelled_on = self.after(payment, back_on, (2, 3));
        agenda.act(cancelled_on, Act::Cancel { payment: reference.to_owned(), reason: "beneficiary_deceased" });
    }

    fn transferred_on(&self, payment: &Listed) -> Date {
        let days = match self.roll(payment, What::Day, 0, 100) {
            0..55 => 0,
            55..82 => 1,
            82..95 => 2,
            _ => 3,
        };
        self.calendar.later(payment.cycle.begins_on, days)
    }

    fn transfer(&self, agenda: &mut Agenda, payment: &Listed) {
        let (reference, begins_on) = (payment.reference, payment.cycle.begins_on);
        if self.has(payment, Rare::Silent) {
            return;
        }
        // Not every bank says that it has taken an order on.
        if matches!(payment.person.bank, "agribank" | "bidv") {
            agenda.outcome(begins_on, reference, "accepted", "ACSP");
        }
        let mut settled_on = self.transferred_on(payment);
        if self.has(payment, Rare::Held) {
            agenda.act(begins_on, Act::Hold { payment: reference.to_owned() });
            let released_on = self.after(payment, begins_on, (2, 3));
            agenda.act(released_on, Act::Release { payment: reference.to_owned() });
            settled_on = self.calendar.later(released_on, 1);
        } else if self.has(payment, Rare::Rejected) {
            let code = self.code(payment, &[("AC01", 38), ("BE01", 26), ("AC04", 22), ("AC06", 9), ("RC01", 5)]);
            agenda.outcome(settled_on, reference, "rejected", code);
            return self.pay_again(agenda, payment, (settled_on, code));
        } else if self.has(payment, Rare::Late) {
            settled_on = self.after(payment, settled_on, (3, 9));
        }
        agenda.outcome(settled_on, reference, "settled", "");
        if self.has(payment, Rare::Returned) {
            let code = self.code(payment, &[("AC04", 58), ("AC06", 24), ("BE06", 18)]);
            let returned_on = self.after(payment, settled_on, (3, 7));
            agenda.outcome(returned_on, reference, "returned", code);
            self.pay_again(agenda, payment, (returned_on, code));
        }
    }

    fn code(&self, payment: &Listed, shares: &[(&'static str, u64)]) -> &'static str {
        let mut left = self.roll(payment, What::Reason, 0, shares.iter().map(|(_, share)| share).sum());
        for (code, share) in shares {
            if left < *share {
                return code;
            }
            left -= share;
        }
        "MS03"
    }

    /// In cash, some days later; half of those with a wrong or closed account bring another one.
    fn pay_again(&self, agenda: &mut Agenda, payment: &Listed, (day, code): (Date, &'static str)) {
        let person = payment.person;
        let account_is_wrong = matches!(code, "AC01" | "AC04");
        if account_is_wrong && person.death.is_none() && self.roll(payment, What::NewAccount, 0, 2) == 0 {
            let account = names::account(self.chance, person.index, 1 + payment.cycle.number, person.bank);
            let act = Act::NewAccount { person: person.index, bank: person.bank, account };
            agenda.act(self.after(payment, day, (2, 6)), act);
        }
        if self.roll(payment, What::GivenUp, 0, 100) >= 7 {
            let reason = if account_is_wrong { "account_to_be_corrected" } else { "account_to_be_checked" };
            let reissued_on = self.after(payment, day, (2, 5));
            agenda.act(reissued_on, Act::Reissue { payment: payment.reference.to_owned(), reason });
            agenda.outcome(self.after(payment, reissued_on, (1, 6)), payment.reference, "settled", "");
        }
    }

    fn hand_over(&self, agenda: &mut Agenda, payment: &Listed) {
        let (reference, cycle) = (payment.reference, payment.cycle);
        if self.has(payment, Rare::Unclaimed) {
            agenda.outcome(cycle.closes_on, reference, "failed", "unclaimed");
            if self.roll(payment, What::GivenUp, 0, 100) < 62 {
                let claimed_on = self.after(payment, cycle.closes_on, (2, 6));
                agenda.act(claimed_on, Act::Reissue { payment: reference.to_owned(), reason: "claimed_late" });
                agenda.outcome(self.after(payment, claimed_on, (1, 5)), reference, "settled", "");
            }
            return;
        }
        // At payment points until the 10th, at post offices until the 25th; most come early.
        let at_post_office = payment.channel == "cash_desk" && self.roll(payment, What::Day, 1, 100) < 18;
        let (from, to) = if at_post_office { (11, 25) } else { (2, 10) };
        let month = cycle.month;
        let (Some(from), Some(to)) = (month.day(from), month.day(to)) else { return };
        let days = self.calendar.between(from.max(cycle.begins_on), to);
        let bound = days.len().max(1) as u64;
        let early = self.roll(payment, What::Given, 0, bound).min(self.roll(payment, What::Given, 1, bound));
        let day = usize::try_from(early).ok().and_then(|early| days.get(early)).copied();
        agenda.outcome(day.unwrap_or(cycle.closes_on), reference, "settled", "");
    }

    /// Arrears of the month before, found in the middle of the run.
    fn supplement(&self, agenda: &mut Agenda, payment: &Listed) {
        let (person, cycle) = (payment.person, payment.cycle);
        let ordered_on = self.after(payment, cycle.begins_on, (2, 4));
        let reference = format!("{}-S", payment.reference);
        let supplement = Supplement {
            payment: reference.clone(),
            person: person.index,
            benefit_type: payment.entitlement.benefit_type,
            month: cycle.month,
            cycle: cycle.month,
            amount: payment.entitlement.amount / 10_000 * 1_000,
            unit: self.places.code(person.place(cycle.number), cycle.begins_on).to_owned(),
        };
        agenda.act(ordered_on, Act::Supplement(Box::new(supplement)));
        agenda.outcome(self.after(payment, ordered_on, (1, 4)), &reference, "settled", "");
    }
}

/// A list that was ordered before the agency heard of the death.
fn is_for_the_dead(payment: &Listed) -> bool {
    let last_month = payment.cycle.benefit_months().last().copied();
    let died_before = |month| payment.person.death.is_some_and(|death| Month::of(death.died_on) < month);
    payment.entitlement.monthly && last_month.is_some_and(died_before)
}
