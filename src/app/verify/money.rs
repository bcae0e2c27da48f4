//! Conservation of money: what the events order, where it stands by the events, and where it stands in the figures.

use super::recoveries::RecoveryCheck;
use super::report::{Check, Finding, Findings};
use crate::app::App;
use crate::app::error::AppError;
use crate::domain::ids::UnitKey;
use crate::domain::money::{Currency, Money};
use crate::domain::payment::event::Correction;
use crate::domain::payment::{AttemptState, Payment, PaymentEvent};
use crate::domain::period::Month;
use crate::projections::Reference;
use crate::projections::cell::Tally;
use crate::projections::figures::{AsOf, CellRow, Columns, FigureRead, Source};
use crate::store::RecordedEvent;
use std::collections::BTreeMap;

/// A number of payments and their amount in minor units; wide, so that a damaged figure cannot overflow it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amount {
    pub count: i128,
    pub minor: i128,
}

impl Amount {
    const fn add(&mut self, count: i128, minor: i128) {
        self.count += count;
        self.minor += minor;
    }
}

/// What stands in each state of the latest attempt.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Statuses(BTreeMap<&'static str, Amount>);

impl Statuses {
    /// What stands in one state.
    #[must_use]
    pub fn of(&self, state: AttemptState) -> Amount {
        self.0.get(state.as_str()).copied().unwrap_or_default()
    }

    /// What waits for an answer: instructed or accepted.
    #[must_use]
    pub fn open(&self) -> Amount {
        let (mut sum, accepted) = (self.of(AttemptState::Instructed), self.of(AttemptState::Accepted));
        sum.add(accepted.count, accepted.minor);
        sum
    }

    /// All states together.
    #[must_use]
    pub fn sum(&self) -> Amount {
        let mut sum = Amount::default();
        self.0.values().for_each(|amount| sum.add(amount.count, amount.minor));
        sum
    }

    fn add(&mut self, state: AttemptState, count: i128, minor: i128) {
        self.0.entry(state.as_str()).or_default().add(count, minor);
    }
}

/// Money of one currency: what was ordered, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrencyTotals {
    pub currency: Currency,
    /// First amounts with all corrections.
    pub instructed: Amount,
    pub statuses: Statuses,
}

/// (cycle, unit)
type Place = (String, String);

/// The figures of all states, with the position that they are of.
#[derive(Debug, Default)]
pub(super) struct StateFigures {
    position: u64,
    places: BTreeMap<Place, Statuses>,
    /// By cycle whatever the unit: finds cells of units that nobody knows.
    cycles: BTreeMap<String, Amount>,
}

/// An order as its own events tell it, apart from the rules' fold: the two must agree.
struct Order {
    unit: UnitKey,
    cycle: Month,
    amount: Money,
    /// What attempts paid: what comes back of one is that.
    paid: BTreeMap<u32, Money>,
}

/// The check and how far it has come.
pub(super) struct MoneyCheck {
    figures: Option<StateFigures>,
    places: BTreeMap<Place, (Amount, Statuses)>,
    currencies: BTreeMap<Currency, (Amount, Statuses)>,
    order: Option<Order>,
    /// State and amount of the payment being walked, by the rules' fold.
    standing: Option<(AttemptState, Money)>,
    pub recoveries: RecoveryCheck,
}

impl App {
    /// The figures of all states by cycle and unit, from one snapshot.
    pub(super) async fn state_figures(&self) -> Result<StateFigures, AppError> {
        let units = self.profile.units().iter().map(|key| (key.to_string(), key.to_string())).collect();
        let read = |units| FigureRead {
            source: Source::Cells,
            tallies: vec![Tally::State],
            cycles: (None, None),
            units,
            benefits: None,
            channels: None,
            agents: None,
            banks: None,
            urban: None,
            columns: Columns { cycle: true, ..Columns::default() },
            cashless: Vec::new(),
            as_of: AsOf::Now,
        };
        let found = self.views.figures_anew(&[read(Some(units)), read(None)]).await?;
        let mut figures = StateFigures { position: found.checkpoint.position, ..StateFigures::default() };
        let mut answers = found.answer.into_iter();
        answers.next().unwrap_or_default().iter().for_each(|row| figures.add(row));
        for row in answers.next().unwrap_or_default() {
            figures.cycles.entry(row.cycle).or_default().add(row.count.into(), row.amount_minor.into());
        }
        Ok(figures)
    }
}

impl StateFigures {
    fn add(&mut self, row: &CellRow) {
        let statuses = self.places.entry((row.cycle.clone(), row.unit.clone())).or_default();
        // A value that is no state is in no state's sum, and is found in the cycle's.
        if let Some(state) = AttemptState::ALL.into_iter().find(|state| state.as_str() == row.value) {
            statuses.add(state, row.count.into(), row.amount_minor.into());
        }
    }
}

impl MoneyCheck {
    pub fn new(figures: StateFigures, reacted: u64) -> Self {
        let recoveries = RecoveryCheck::new(reacted);
        Self { figures: Some(figures), recoveries, ..Self::without_figures() }
    }

    /// Folds nothing: for walks that are about something else.
    pub fn without_figures() -> Self {
        Self {
            figures: None,
            places: BTreeMap::new(),
            currencies: BTreeMap::new(),
            order: None,
            standing: None,
            recoveries: RecoveryCheck::default(),
        }
    }

    /// The position up to which events count.
    pub fn position(&self) -> u64 {
        self.figures.as_ref().map_or(0, |figures| figures.position)
    }

    /// One event of the payment being walked, and the payment after it.
    pub fn event(&mut self, event: &RecordedEvent, (read, after): (&PaymentEvent, &Payment), findings: &mut Findings) {
        if event.position > self.position() {
            return;
        }
        let mut tell = |message: String| findings.add(Finding::at(Check::Money, event, message));
        match (read, &mut self.order) {
            (PaymentEvent::Instructed(e), order) => {
                let (unit, cycle, amount) = (e.unit_key.clone(), e.cycle, e.amount);
                *order = Some(Order { unit, cycle, amount, paid: BTreeMap::new() });
            }
            (PaymentEvent::Corrected(e), Some(order)) => order.correct(&e.correction),
            (PaymentEvent::Settled(e), Some(order)) => {
                order.paid.insert(e.attempt, e.amount);
                if e.amount != order.amount {
                    tell(format!("settled with {}, ordered with {}", words(e.amount), words(order.amount)));
                }
            }
            (PaymentEvent::SettledLate(e), Some(order)) => {
                order.paid.insert(e.attempt, e.amount);
            }
            (PaymentEvent::Returned(e), Some(order)) => {
                let paid = order.paid.get(&e.attempt).copied().unwrap_or(order.amount);
                if e.amount != paid {
                    tell(format!("returned with {}, paid with {}", words(e.amount), words(paid)));
                }
            }
            _ => {}
        }
        let Some(payment) = &after.instructed else { return };
        self.standing = Some((payment.standing().state, payment.amount));
        let settled = payment.attempts.iter().filter(|attempt| attempt.state == AttemptState::Settled).count();
        if settled > 1 {
            tell("two attempts are settled and not returned".to_owned());
        }
    }

    /// The payment's stream ends here.
    pub fn end(&mut self) {
        let (Some(order), Some((state, stands))) = (self.order.take(), self.standing.take()) else { return };
        let place = self.places.entry((order.cycle.to_string(), order.unit.to_string())).or_default();
        let currency = self.currencies.entry(order.amount.currency).or_default();
        for (instructed, statuses) in [place, currency] {
            instructed.add(1, order.amount.minor.into());
            statuses.add(state, 1, stands.minor.into());
        }
    }

    /// The sums by currency.
    pub fn totals(&self) -> Vec<CurrencyTotals> {
        let total = |(currency, (instructed, statuses)): (&Currency, &(Amount, Statuses))| CurrencyTotals {
            currency: *currency,
            instructed: *instructed,
            statuses: statuses.clone(),
        };
        self.currencies.iter().map(total).collect()
    }

    /// Compares all sums, and answers those by currency.
    pub fn finish(mut self, findings: &mut Findings) -> Vec<CurrencyTotals> {
        std::mem::take(&mut self.recoveries).finish(findings);
        let figures = self.figures.take().unwrap_or_default();
        let position = Some(figures.position);
        let mut tell = |message: String| findings.add(Finding { position, ..Finding::of(Check::Money, message) });
        for (currency, (instructed, statuses)) in &self.currencies {
            if *instructed != statuses.sum() {
                let (ordered, stands) = (instructed.minor, statuses.sum().minor);
                tell(format!(
                    "{ordered} {currency} (minor units) were ordered, but {stands} stand in all states together"
                ));
            }
        }
        let empty = Statuses::default();
        let mut places: Vec<&Place> = self.places.keys().chain(figures.places.keys()).collect();
        places.sort_unstable();
        places.dedup();
        for place in places {
            let by_events = self.places.get(place);
            if let Some((instructed, statuses)) =
                by_events.filter(|(instructed, statuses)| *instructed != statuses.sum())
            {
                let at = format!("cycle {}, unit {}", place.0, place.1);
                tell(format!(
                    "{at}: {} ordered, {} in all states together (minor units)",
                    instructed.minor,
                    statuses.sum().minor
                ));
            }
            let in_figures = figures.places.get(place).unwrap_or(&empty);
            compare(place, (by_events.map_or(&empty, |(_, statuses)| statuses), in_figures), &mut tell);
        }
        compare_cycles(&figures, &mut tell);
        self.totals()
    }
}

impl Order {
    fn correct(&mut self, correction: &Correction) {
        match correction {
            // The difference and not the new amount: a correction of what did not stand then shows.
            Correction::Amount { old, new } => self.amount.minor += new.minor - old.minor,
            Correction::Unit { new, .. } => self.unit = new.clone(),
            Correction::BenefitMonths { .. } | Correction::DueOn { .. } | Correction::Reference { .. } => {}
        }
    }
}

fn compare((cycle, unit): &Place, (events, figures): (&Statuses, &Statuses), tell: &mut impl FnMut(String)) {
    for state in AttemptState::ALL {
        let (by_events, in_figures) = (events.of(state), figures.of(state));
        if by_events != in_figures {
            tell(format!(
                "cycle {cycle}, unit {unit}, {state}: {} payments of {} by the events, {} of {} in the figures (minor units)",
                by_events.count, by_events.minor, in_figures.count, in_figures.minor
            ));
        }
    }
}

/// What no unit of the profile has is in the sum of its cycle alone.
fn compare_cycles(figures: &StateFigures, tell: &mut impl FnMut(String)) {
    for (cycle, whole) in &figures.cycles {
        let mut known = Amount::default();
        for (_, statuses) in figures.places.iter().filter(|((of, _), _)| of == cycle) {
            known.add(statuses.sum().count, statuses.sum().minor);
        }
        if known != *whole {
            tell(format!("cycle {cycle}: the figures hold cells of no known unit or state"));
        }
    }
}

fn words(amount: Money) -> String {
    format!("{} {} (minor units)", amount.minor, amount.currency)
}
