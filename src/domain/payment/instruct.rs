//! The rules of ordering a payment. What needs other streams (one payment per benefit month) is a claim, not decided here.

use crate::domain::beneficiary::authorisation::Standing;
use crate::domain::beneficiary::suspension::{Suspension, forbids};
use crate::domain::decision::Decision;
use crate::domain::ids::{BenefitType, EndToEndId, VaultRef};
use crate::domain::payment::command::{AccountPayee, Instruct, UnitFact};
use crate::domain::payment::decide::PaymentDecision;
use crate::domain::payment::error::PaymentRefusal;
use crate::domain::payment::event::{Payee, PaymentEvent, PaymentInstructed};
use crate::domain::period::Month;
use jiff::civil::Date;

pub(super) fn decide(command: &Instruct) -> PaymentDecision {
    match check(command) {
        Err(refusal) => Decision::Refused(refusal),
        Ok(account_ref) => Decision::Events(vec![PaymentEvent::Instructed(event(command, account_ref))]),
    }
}

fn event(command: &Instruct, account_ref: Option<VaultRef>) -> PaymentInstructed {
    let (attempt, kind) = (1, command.limits.kind);
    // A bank belongs to its account: it comes from the method only together with it.
    let method_bank =
        method_for(command).filter(|method| method.account_ref == account_ref).and_then(|m| m.bank.clone());
    PaymentInstructed {
        payment_id: command.payment_id,
        reference: command.reference.clone(),
        beneficiary_id: command.beneficiary.id,
        benefit_type: command.benefit_type.clone(),
        benefit_months: command.benefit_months.clone(),
        cycle: command.cycle,
        amount: command.amount,
        unit_key: command.unit.key.clone(),
        unit_code_as_received: command.unit.code_as_received.clone(),
        urban: command.unit.urban,
        attempt,
        channel: command.channel.code.clone(),
        agent: command.agent.clone(),
        bank: command.bank.clone().or(method_bank),
        account_ref,
        end_to_end_id: EndToEndId::of(command.payment_id, attempt),
        due_on: command.due_on,
        payee: command.payee,
        supplement: kind.is_beside(),
        kind: kind.is_beside().then_some(kind),
    }
}

/// All rules; answers the account to pay to.
fn check(command: &Instruct) -> Result<Option<VaultRef>, PaymentRefusal> {
    if command.amount.minor <= 0 {
        return Err(PaymentRefusal::AmountNotPositive);
    }
    if command.amount.minor > command.limits.amount_max_minor {
        return Err(PaymentRefusal::AmountTooLarge);
    }
    check_months(&command.benefit_months)?;
    command.limits.check_months(&command.benefit_months, command.cycle)?;
    check_unit(&command.unit, command.due_on)?;
    check_alive(command.beneficiary.died_on, &command.benefit_months)?;
    check_not_suspended(
        &command.beneficiary.suspensions,
        &command.benefit_type,
        (&command.benefit_months, command.limits.kind.is_beside()),
    )?;
    check_method(command)?;
    check_account_payee(command.channel.requires_account, command.payee, command.account_payee)?;
    account(command)
}

/// At least one, each once.
pub(super) fn check_months(months: &[Month]) -> Result<(), PaymentRefusal> {
    let repeated = months.iter().enumerate().any(|(index, month)| months[..index].contains(month));
    if months.is_empty() || repeated { Err(PaymentRefusal::BenefitMonths) } else { Ok(()) }
}

pub(super) fn check_unit(unit: &UnitFact, due_on: Date) -> Result<(), PaymentRefusal> {
    let begun = unit.valid_from.is_none_or(|from| from <= due_on);
    let not_ended = unit.valid_to.is_none_or(|to| due_on <= to);
    if begun && not_ended { Ok(()) } else { Err(PaymentRefusal::UnitNotInForce { due_on }) }
}

/// The month of death is payable in full, later months are not.
pub(super) fn check_alive(died_on: Option<Date>, months: &[Month]) -> Result<(), PaymentRefusal> {
    let Some(died_on) = died_on else { return Ok(()) };
    let last_month = Month::of(died_on);
    if months.iter().any(|month| *month > last_month) {
        return Err(PaymentRefusal::BeneficiaryDeceased { died_on, last_month });
    }
    Ok(())
}

/// A suspended month is not payable; once it is owed again, only as arrears: the ordinary order of that month is long past.
pub(super) fn check_not_suspended(
    suspensions: &[Suspension],
    benefit_type: &BenefitType,
    (months, as_arrears): (&[Month], bool),
) -> Result<(), PaymentRefusal> {
    let forbidden = |month: &Month| Some((*month, forbids(suspensions, benefit_type, *month, as_arrears)?));
    match months.iter().find_map(forbidden) {
        None => Ok(()),
        Some((month, known)) if known.is_owed() => Err(PaymentRefusal::OwedAsArrears { month }),
        Some((month, known)) => Err(PaymentRefusal::BenefitSuspended {
            month,
            from_month: known.from_month,
            legal_ground: known.legal_ground.to_string(),
        }),
    }
}

/// An account is the beneficiary's own, unless the profile allows another payee's and that payee's right holds.
pub(super) const fn check_account_payee(
    into_account: bool,
    payee: Payee,
    found: AccountPayee,
) -> Result<(), PaymentRefusal> {
    if !into_account || matches!(payee, Payee::Beneficiary) {
        return Ok(());
    }
    if !found.allowed {
        return Err(PaymentRefusal::PayeeNotAllowed);
    }
    check_standing(found.standing)
}

pub(super) const fn check_standing(standing: Standing) -> Result<(), PaymentRefusal> {
    match standing {
        Standing::NotNeeded | Standing::InForce => Ok(()),
        Standing::Expired { last_day } => Err(PaymentRefusal::AuthorisationExpired { last_day }),
        Standing::Missing => Err(PaymentRefusal::AuthorisationMissing),
    }
}

/// A chosen method is not used before its first month. Any channel is fine that no later choice names: paying a chosen account
/// in cash is the agency's business, paying through a choice that is not in force yet is not.
fn check_method(command: &Instruct) -> Result<(), PaymentRefusal> {
    let wanted = &command.channel.code;
    let in_force = command.beneficiary.method.as_ref().is_some_and(|method| method.channel == *wanted);
    match &command.beneficiary.next_method {
        Some(next) if next.channel == *wanted && !in_force && next.effective_month > command.cycle => {
            Err(PaymentRefusal::MethodNotEffectiveYet { effective_month: next.effective_month })
        }
        Some(_) | None => Ok(()),
    }
}

fn account(command: &Instruct) -> Result<Option<VaultRef>, PaymentRefusal> {
    let account_ref = command.account_ref.or_else(|| method_for(command).and_then(|method| method.account_ref));
    if command.channel.requires_account && account_ref.is_none() {
        return Err(PaymentRefusal::AccountMissing { channel: command.channel.code.to_string() });
    }
    Ok(account_ref)
}

/// The method in force, if it is of the channel instructed.
fn method_for(command: &Instruct) -> Option<&crate::domain::beneficiary::state::PayoutMethod> {
    command.beneficiary.method.as_ref().filter(|method| method.channel == command.channel.code)
}
