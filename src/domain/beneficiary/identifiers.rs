//! Identifiers that come and go: a person's numbers by reference, scheme and dates. The numbers themselves are in the vault alone.

use crate::domain::beneficiary::error::BeneficiaryRefusal;
use crate::domain::beneficiary::event::BeneficiaryEvent;
use crate::domain::beneficiary::state::Registered;
use crate::domain::ids::{SchemeCode, VaultRef};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The person got a further identifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentifierAdded {
    /// The record in the vault; never the number itself.
    pub identifier_ref: VaultRef,
    pub scheme: SchemeCode,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Date>,
    /// The last day, where that is known from the beginning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Date>,
}

/// Why an identifier is no longer the person's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// Another number took its place.
    Replaced,
    /// Its time is over.
    Expired,
    /// It never was the person's. It is forgotten, and free for whose it is.
    RecordedInError,
}

impl EndReason {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Replaced, Self::Expired, Self::RecordedInError];

    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Replaced => "replaced",
            Self::Expired => "expired",
            Self::RecordedInError => "recorded_in_error",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == text)
    }
}

/// An identifier of the person ended. It is still found by, unless it was recorded in error.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentifierEnded {
    pub identifier_ref: VaultRef,
    pub scheme: SchemeCode,
    /// The last day on which it was the person's.
    pub valid_to: Date,
    pub reason: EndReason,
}

/// What the log knows of an identifier. Those of the registration are not in it until they end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownIdentifier {
    pub identifier_ref: VaultRef,
    pub scheme: SchemeCode,
    pub valid_from: Option<Date>,
    pub valid_to: Option<Date>,
    pub ended: Option<EndReason>,
}

/// Add an identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddIdentifier {
    pub event: IdentifierAdded,
    /// The scheme's last day, and what took its place (looked up in the profile).
    pub scheme_ended: Option<(Date, Option<SchemeCode>)>,
    /// The person's records of the same number (looked up in the vault).
    pub same_number: Vec<VaultRef>,
}

/// End an identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndIdentifier {
    pub event: IdentifierEnded,
    /// How many other identifiers the person can be found by (looked up in the vault).
    pub others: u64,
}

type Decided = Result<Option<BeneficiaryEvent>, BeneficiaryRefusal>;

pub(super) fn add(person: &Registered, command: &AddIdentifier) -> Decided {
    let event = &command.event;
    check_order(event.valid_from, event.valid_to)?;
    if let Some((ended_on, replaced_by)) = &command.scheme_ended
        && event.valid_from.is_some_and(|from| from > *ended_on)
    {
        let (scheme, replaced_by) = (event.scheme.clone(), replaced_by.clone());
        return Err(BeneficiaryRefusal::IdentifierSchemeEnded { scheme, ended_on: *ended_on, replaced_by });
    }
    let has_ended = |record: &VaultRef| person.identifier(*record).is_some_and(|known| known.ended.is_some());
    if !command.same_number.iter().all(has_ended) {
        return Err(BeneficiaryRefusal::IdentifierHeld { scheme: event.scheme.clone() });
    }
    Ok(Some(BeneficiaryEvent::IdentifierAdded(event.clone())))
}

pub(super) fn end(person: &Registered, command: &EndIdentifier) -> Decided {
    let event = &command.event;
    let known = person.identifier(event.identifier_ref);
    check_order(known.and_then(|known| known.valid_from), Some(event.valid_to))?;
    let in_error = event.reason == EndReason::RecordedInError;
    match known.and_then(|known| Some((known.ended?, known.valid_to))) {
        Some((EndReason::RecordedInError, _)) if in_error => return Ok(None),
        Some((reason, on)) if reason == event.reason && on == Some(event.valid_to) => return Ok(None),
        // A mistake may be found out later.
        Some((EndReason::Replaced | EndReason::Expired, _)) if in_error => {}
        Some((_, on)) => return Err(BeneficiaryRefusal::IdentifierEnded { on: on.unwrap_or(event.valid_to) }),
        None => {}
    }
    if in_error && command.others == 0 {
        return Err(BeneficiaryRefusal::LastIdentifier);
    }
    Ok(Some(BeneficiaryEvent::IdentifierEnded(event.clone())))
}

fn check_order(from: Option<Date>, to: Option<Date>) -> Result<(), BeneficiaryRefusal> {
    match from.zip(to) {
        Some((from, to)) if to < from => Err(BeneficiaryRefusal::IdentifierDates { from }),
        Some(_) | None => Ok(()),
    }
}

impl Registered {
    /// What the log knows of an identifier.
    #[must_use]
    pub fn identifier(&self, identifier_ref: VaultRef) -> Option<&KnownIdentifier> {
        self.identifiers.iter().find(|known| known.identifier_ref == identifier_ref)
    }

    pub(super) fn identifier_added(&mut self, event: &IdentifierAdded) {
        self.identifiers.push(KnownIdentifier {
            identifier_ref: event.identifier_ref,
            scheme: event.scheme.clone(),
            valid_from: event.valid_from,
            valid_to: event.valid_to,
            ended: None,
        });
    }

    pub(super) fn identifier_ended(&mut self, event: &IdentifierEnded) {
        let (valid_to, ended) = (Some(event.valid_to), Some(event.reason));
        match self.identifiers.iter_mut().find(|known| known.identifier_ref == event.identifier_ref) {
            Some(known) => (known.valid_to, known.ended) = (valid_to, ended),
            None => self.identifiers.push(KnownIdentifier {
                identifier_ref: event.identifier_ref,
                scheme: event.scheme.clone(),
                valid_from: None,
                valid_to,
                ended,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::beneficiary::event::{BeneficiaryRegistered, Cohort, ErasureGround, PersonalDataErased};
    use crate::domain::beneficiary::{Beneficiary, BeneficiaryCommand, decide};
    use crate::domain::decision::Decision;
    use crate::domain::ids::{BeneficiaryId, UnitKey};
    use jiff::Timestamp;
    use jiff::civil::date;
    use uuid::Uuid;

    const FIRST: VaultRef = VaultRef::from_uuid(Uuid::from_u128(1));
    const SECOND: VaultRef = VaultRef::from_uuid(Uuid::from_u128(2));

    fn scheme() -> SchemeCode {
        SchemeCode::parse("personal_id").unwrap()
    }

    fn registered() -> BeneficiaryEvent {
        BeneficiaryEvent::Registered(BeneficiaryRegistered {
            beneficiary_id: BeneficiaryId::from_uuid(Uuid::from_u128(9)),
            unit_key: UnitKey::parse("A").unwrap(),
            cohort: Cohort::default(),
        })
    }

    fn added(identifier_ref: VaultRef, from: Option<Date>, to: Option<Date>) -> IdentifierAdded {
        IdentifierAdded { identifier_ref, scheme: scheme(), valid_from: from, valid_to: to }
    }

    fn ended(identifier_ref: VaultRef, valid_to: Date, reason: EndReason) -> IdentifierEnded {
        IdentifierEnded { identifier_ref, scheme: scheme(), valid_to, reason }
    }

    fn add(event: IdentifierAdded) -> AddIdentifier {
        AddIdentifier { event, scheme_ended: None, same_number: Vec::new() }
    }

    type Answer = Result<Option<BeneficiaryEvent>, &'static str>;

    fn decided(given: &[BeneficiaryEvent], command: &BeneficiaryCommand) -> Answer {
        let mut all = vec![registered()];
        all.extend(given.iter().cloned());
        match decide(&Beneficiary::replay(&all), command, Timestamp::UNIX_EPOCH) {
            Decision::Events(events) => Ok(events.into_iter().next()),
            Decision::NoOp => Ok(None),
            Decision::Refused(refusal) => Err(refusal.code()),
            Decision::Quarantine(_) => panic!("quarantined"),
        }
    }

    fn when_added(given: &[BeneficiaryEvent], command: AddIdentifier) -> Answer {
        decided(given, &BeneficiaryCommand::AddIdentifier(command))
    }

    fn when_ended(given: &[BeneficiaryEvent], event: IdentifierEnded) -> Answer {
        decided(given, &BeneficiaryCommand::EndIdentifier(EndIdentifier { event, others: 1 }))
    }

    #[test]
    fn a_person_may_have_several_identifiers_of_one_scheme() {
        let first = BeneficiaryEvent::IdentifierAdded(added(FIRST, None, None));
        let second = added(SECOND, Some(date(2025, 3, 1)), None);
        assert_eq!(when_added(&[first], add(second.clone())), Ok(Some(BeneficiaryEvent::IdentifierAdded(second))));
    }

    #[test]
    fn the_last_day_is_not_before_the_first() {
        let reversed = added(FIRST, Some(date(2025, 3, 2)), Some(date(2025, 3, 1)));
        assert_eq!(when_added(&[], add(reversed)), Err("identifier-dates-reversed"));
        let one_day = added(FIRST, Some(date(2025, 3, 1)), Some(date(2025, 3, 1)));
        assert!(when_added(&[], add(one_day)).is_ok());
        let known = BeneficiaryEvent::IdentifierAdded(added(FIRST, Some(date(2025, 3, 2)), None));
        let before = ended(FIRST, date(2025, 3, 1), EndReason::Replaced);
        assert_eq!(when_ended(&[known], before), Err("identifier-dates-reversed"));
    }

    #[test]
    fn a_scheme_that_has_ended_gives_no_new_numbers_and_its_old_ones_are_still_recorded() {
        let with =
            |from| AddIdentifier { scheme_ended: Some((date(2025, 7, 31), None)), ..add(added(FIRST, from, None)) };
        assert_eq!(when_added(&[], with(Some(date(2025, 8, 1)))), Err("identifier-scheme-ended"));
        assert!(when_added(&[], with(Some(date(2025, 7, 31)))).is_ok());
        assert!(when_added(&[], with(None)).is_ok());
    }

    #[test]
    fn a_number_that_the_person_has_is_not_added_again_before_it_ended() {
        let again = || AddIdentifier { same_number: vec![FIRST], ..add(added(SECOND, None, None)) };
        assert_eq!(when_added(&[], again()), Err("identifier-held"));
        let over = BeneficiaryEvent::IdentifierEnded(ended(FIRST, date(2025, 3, 1), EndReason::Expired));
        assert!(when_added(&[over], again()).is_ok());
    }

    #[test]
    fn an_identifier_of_the_registration_ends_like_any_other() {
        let event = ended(FIRST, date(2025, 3, 1), EndReason::Replaced);
        assert_eq!(when_ended(&[], event.clone()), Ok(Some(BeneficiaryEvent::IdentifierEnded(event))));
    }

    #[test]
    fn ending_again_on_the_same_day_is_nothing_new_and_on_another_refused() {
        let event = ended(FIRST, date(2025, 3, 1), EndReason::Replaced);
        let given = [BeneficiaryEvent::IdentifierEnded(event.clone())];
        assert_eq!(when_ended(&given, event), Ok(None));
        let other = ended(FIRST, date(2025, 3, 2), EndReason::Replaced);
        assert_eq!(when_ended(&given, other), Err("identifier-ended"));
    }

    #[test]
    fn a_mistake_may_be_found_out_after_the_identifier_ended_and_only_once() {
        let over = BeneficiaryEvent::IdentifierEnded(ended(FIRST, date(2025, 3, 1), EndReason::Replaced));
        let mistake = ended(FIRST, date(2025, 4, 1), EndReason::RecordedInError);
        let event = BeneficiaryEvent::IdentifierEnded(mistake.clone());
        assert_eq!(when_ended(std::slice::from_ref(&over), mistake.clone()), Ok(Some(event.clone())));
        assert_eq!(when_ended(&[over.clone(), event.clone()], mistake), Ok(None));
        let expired = ended(FIRST, date(2025, 4, 1), EndReason::Expired);
        assert_eq!(when_ended(&[over, event], expired), Err("identifier-ended"));
    }

    #[test]
    fn the_only_identifier_is_not_forgotten() {
        let event = ended(FIRST, date(2025, 3, 1), EndReason::RecordedInError);
        let command = EndIdentifier { event, others: 0 };
        assert_eq!(decided(&[], &BeneficiaryCommand::EndIdentifier(command)), Err("last-identifier"));
        let event = ended(FIRST, date(2025, 3, 1), EndReason::Replaced);
        assert!(decided(&[], &BeneficiaryCommand::EndIdentifier(EndIdentifier { event, others: 0 })).is_ok());
    }

    #[test]
    fn an_erased_person_gets_no_identifier() {
        let erased = BeneficiaryEvent::Erased(PersonalDataErased { ground: ErasureGround::PersonAsked, note: None });
        assert_eq!(when_added(&[erased], add(added(FIRST, None, None))), Err("beneficiary-erased"));
    }

    #[test]
    fn the_state_knows_dates_and_reasons() {
        let mut all = vec![registered()];
        all.push(BeneficiaryEvent::IdentifierAdded(added(FIRST, Some(date(2025, 1, 1)), None)));
        all.push(BeneficiaryEvent::IdentifierEnded(ended(FIRST, date(2025, 3, 1), EndReason::Expired)));
        all.push(BeneficiaryEvent::IdentifierEnded(ended(SECOND, date(2025, 3, 1), EndReason::Replaced)));
        let person = Beneficiary::replay(&all).registered.unwrap();
        let known = person.identifier(FIRST).unwrap();
        assert_eq!((known.valid_from, known.valid_to), (Some(date(2025, 1, 1)), Some(date(2025, 3, 1))));
        assert_eq!(person.identifier(SECOND).unwrap().ended, Some(EndReason::Replaced));
    }
}
