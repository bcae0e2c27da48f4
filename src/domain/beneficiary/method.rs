//! The rules of choosing how to be paid, and which choice was in force when.

use crate::domain::beneficiary::authorisation::Standing;
use crate::domain::beneficiary::command::{ChooseMethod, HomeFact};
use crate::domain::beneficiary::error::BeneficiaryRefusal;
use crate::domain::beneficiary::event::{BeneficiaryEvent, PayoutMethodChosen};
use crate::domain::beneficiary::state::{PayoutMethod, Registered};
use crate::domain::ids::GroundCode;
use crate::domain::payment::event::Payee;
use crate::domain::period::Month;

/// The cut-off rule: a request takes effect from the earliest month or later, never before.
pub(super) fn choose(
    person: &Registered,
    command: &ChooseMethod,
) -> Result<Option<BeneficiaryEvent>, BeneficiaryRefusal> {
    if let Some(died_on) = person.died_on {
        return Err(BeneficiaryRefusal::Deceased { died_on });
    }
    let effective_month = command.effective_month.unwrap_or(command.earliest_month);
    if effective_month < command.earliest_month {
        return Err(BeneficiaryRefusal::EffectiveMonthTooEarly { earliest_month: command.earliest_month });
    }
    if command.channel.requires_account && command.account_ref.is_none() {
        return Err(BeneficiaryRefusal::AccountMissing { channel: command.channel.code.to_string() });
    }
    check_payee(person, command, effective_month)?;
    let method = PayoutMethod {
        channel: command.channel.code.clone(),
        agent: command.agent.clone(),
        bank: command.bank.clone(),
        account_ref: command.account_ref,
        effective_month,
        payee: command.payee,
        home_ground: command.home.as_ref().map(home_ground).transpose()?,
    };
    let repeats = person.method_in_force(effective_month).is_some_and(|known| is_same_way(known, &method));
    if repeats && person.next_method(effective_month).is_none() {
        return Ok(None);
    }
    Ok(Some(BeneficiaryEvent::PayoutMethodChosen(PayoutMethodChosen {
        channel: method.channel,
        agent: method.agent,
        bank: method.bank,
        account_ref: method.account_ref,
        requested_on: command.requested_on,
        effective_month,
        payee: method.payee,
        home_ground: method.home_ground,
    })))
}

/// An account of somebody else is paid into unseen, month after month: the right to it must be there when it begins. Cash is handed to
/// somebody whose right is looked at each time.
fn check_payee(person: &Registered, command: &ChooseMethod, begins: Month) -> Result<(), BeneficiaryRefusal> {
    if !command.channel.requires_account || command.payee == Payee::Beneficiary {
        return Ok(());
    }
    if !command.account_payee_allowed {
        return Err(BeneficiaryRefusal::PayeeNotAllowed);
    }
    let on = begins.day(1).map_or(command.requested_on, |first| first.max(command.requested_on));
    match person.standing_of(command.payee, on) {
        Standing::NotNeeded | Standing::InForce => Ok(()),
        Standing::Expired { last_day } => Err(BeneficiaryRefusal::AuthorisationExpired { last_day }),
        Standing::Missing => Err(BeneficiaryRefusal::AuthorisationMissing { on }),
    }
}

/// Somebody comes to the person's door: that is for the old, and for others on a ground.
fn home_ground(home: &HomeFact) -> Result<GroundCode, BeneficiaryRefusal> {
    match &home.ground {
        Some(ground) => Ok(ground.clone()),
        None if home.old_enough => Ok(home.age_ground.clone()),
        None => Err(BeneficiaryRefusal::NotForHome { from_age: home.from_age, grounds: home.grounds.clone() }),
    }
}

/// The same way of being paid, whatever month it began and for whatever ground.
fn is_same_way(a: &PayoutMethod, b: &PayoutMethod) -> bool {
    (&a.channel, &a.agent, &a.bank, a.account_ref, a.payee) == (&b.channel, &b.agent, &b.bank, b.account_ref, b.payee)
}

/// A choice with the months in which it was, is or will be in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodPeriod<'a> {
    pub method: &'a PayoutMethod,
    /// The last month; `None` while no later choice ends it. A choice that another one ended before it began has no months.
    pub until: Option<Month>,
    pub ever_in_force: bool,
}

impl Registered {
    /// All choices in the order made, each with its months.
    #[must_use]
    pub fn method_history(&self) -> Vec<MethodPeriod<'_>> {
        self.methods
            .iter()
            .enumerate()
            .map(|(index, method)| {
                let later = self.methods.get(index + 1..).unwrap_or_default();
                let end = later.iter().map(|next| next.effective_month).min();
                MethodPeriod {
                    method,
                    until: end.map(|end| end.plus(-1)),
                    ever_in_force: end.is_none_or(|end| method.effective_month < end),
                }
            })
            .collect()
    }
}
