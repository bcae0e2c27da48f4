//! What a command to a beneficiary brings about. Pure: every fact stands in the state, the command or `now`.

use super::{authorisation, identity, method, suspension};
use crate::domain::beneficiary::command::BeneficiaryCommand;
use crate::domain::beneficiary::error::BeneficiaryRefusal;
use crate::domain::beneficiary::event::{
    AccountChecked, BeneficiaryDied, BeneficiaryEvent, BeneficiaryMoved, BeneficiaryRegistered, PersonalDataErased,
};
use crate::domain::beneficiary::identifiers;
use crate::domain::beneficiary::state::{Beneficiary, Registered};
use crate::domain::decision::Decision;
use crate::domain::payment::command::UnitFact;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// What deciding about a beneficiary answers.
pub type BeneficiaryDecision = Decision<BeneficiaryEvent, BeneficiaryRefusal>;

/// No place on Earth is further ahead of UTC; a date later than that of such a place lies in the future everywhere.
const FURTHEST_ZONE_AHEAD: SignedDuration = SignedDuration::from_hours(14);

/// Decides about a command.
#[must_use]
pub fn decide(state: &Beneficiary, command: &BeneficiaryCommand, now: Timestamp) -> BeneficiaryDecision {
    let decided = match (&state.registered, command) {
        (None, BeneficiaryCommand::Register { .. }) => register(command),
        (Some(_), BeneficiaryCommand::Register { .. }) => Err(BeneficiaryRefusal::AlreadyRegistered),
        (None, _) => Err(BeneficiaryRefusal::NotRegistered),
        (Some(person), BeneficiaryCommand::Erase { event, open_payments, open_recoveries }) => {
            erase(person, event, (*open_payments, *open_recoveries))
        }
        // Nobody knows any more who it is: neither a move nor an account can be this person's.
        (Some(Registered { erased: true, .. }), _) => Err(BeneficiaryRefusal::Erased),
        (Some(person), BeneficiaryCommand::Move { to_unit, effective_on }) => move_to(person, to_unit, *effective_on),
        (Some(person), BeneficiaryCommand::ChooseMethod(command)) => method::choose(person, command),
        (Some(person), BeneficiaryCommand::ReportDeath { died_on, reported_on, source }) => {
            let event = BeneficiaryDied { died_on: *died_on, reported_on: *reported_on, source: source.clone() };
            report_death(person, event, now)
        }
        (Some(person), BeneficiaryCommand::AddIdentifier(command)) => identifiers::add(person, command),
        (Some(person), BeneficiaryCommand::EndIdentifier(command)) => identifiers::end(person, command),
        (Some(person), BeneficiaryCommand::CheckAccount(event)) => check_account(person, event, now),
        (Some(person), BeneficiaryCommand::GrantAuthorisation { event, rules }) => {
            authorisation::grant(person, event, rules)
        }
        (Some(person), BeneficiaryCommand::EndAuthorisation(event)) => authorisation::end(person, event),
        (Some(person), BeneficiaryCommand::Suspend(event)) => suspension::suspend(person, event),
        (Some(person), BeneficiaryCommand::Resume(event)) => suspension::resume(person, event),
        (Some(person), BeneficiaryCommand::RecordIdentity(event)) => identity::record(person, event),
    };
    match decided {
        Ok(Some(event)) => Decision::Events(vec![event]),
        Ok(None) => Decision::NoOp,
        Err(refusal) => Decision::Refused(refusal),
    }
}

/// `None`: nothing new.
type Decided = Result<Option<BeneficiaryEvent>, BeneficiaryRefusal>;

fn register(command: &BeneficiaryCommand) -> Decided {
    let BeneficiaryCommand::Register { beneficiary_id, unit, registered_on, cohort } = command else {
        return Err(BeneficiaryRefusal::NotRegistered);
    };
    check_unit(unit, *registered_on)?;
    Ok(Some(BeneficiaryEvent::Registered(BeneficiaryRegistered {
        beneficiary_id: *beneficiary_id,
        unit_key: unit.key.clone(),
        cohort: *cohort,
    })))
}

fn check_unit(unit: &UnitFact, on: Date) -> Result<(), BeneficiaryRefusal> {
    let begun = unit.valid_from.is_none_or(|from| from <= on);
    let not_ended = unit.valid_to.is_none_or(|to| on <= to);
    if begun && not_ended { Ok(()) } else { Err(BeneficiaryRefusal::UnitNotInForce { on }) }
}

/// Nobody moves after death; a move before it may still be recorded late.
fn move_to(person: &Registered, to_unit: &UnitFact, effective_on: Date) -> Decided {
    if let Some(died_on) = person.died_on.filter(|died_on| effective_on > *died_on) {
        return Err(BeneficiaryRefusal::Deceased { died_on });
    }
    check_unit(to_unit, effective_on)?;
    if person.unit_on(effective_on) == Some(&to_unit.key) {
        return Ok(None);
    }
    Ok(Some(BeneficiaryEvent::Moved(BeneficiaryMoved { to_unit_key: to_unit.key.clone(), effective_on })))
}

/// A payment under way still needs the account, to be compared with what the bank says of it; a recovery needs somebody to write to.
fn erase(person: &Registered, event: &PersonalDataErased, (open_payments, open_recoveries): (u64, u64)) -> Decided {
    if person.erased {
        return Ok(None);
    }
    if open_payments > 0 {
        return Err(BeneficiaryRefusal::PaymentsOpen { count: open_payments });
    }
    if open_recoveries > 0 {
        return Err(BeneficiaryRefusal::RecoveriesOpen { count: open_recoveries });
    }
    Ok(Some(BeneficiaryEvent::Erased(event.clone())))
}

/// A second, different date would silently change what is payable: that needs a second person.
fn report_death(person: &Registered, event: BeneficiaryDied, now: Timestamp) -> Decided {
    match person.died_on {
        Some(recorded) if recorded == event.died_on => return Ok(None),
        Some(recorded) => return Err(BeneficiaryRefusal::OtherDeathRecorded { recorded }),
        None => {}
    }
    let latest_today = now.saturating_add(FURTHEST_ZONE_AHEAD).map(|at| TimeZone::UTC.to_datetime(at).date());
    if event.died_on > event.reported_on || latest_today.is_ok_and(|today| event.died_on > today) {
        return Err(BeneficiaryRefusal::DeathInFuture);
    }
    Ok(Some(BeneficiaryEvent::Died(event)))
}

/// Whatever the names are, the check is recorded and the account stays: how names are written proves nothing.
fn check_account(person: &Registered, event: &AccountChecked, now: Timestamp) -> Decided {
    if !person.methods.iter().any(|method| method.account_ref == Some(event.account_ref)) {
        return Err(BeneficiaryRefusal::NoSuchAccount);
    }
    if event.checked_at > now {
        return Err(BeneficiaryRefusal::CheckInFuture);
    }
    if person.account_checks.contains(event) {
        return Ok(None);
    }
    Ok(Some(BeneficiaryEvent::AccountChecked(event.clone())))
}
