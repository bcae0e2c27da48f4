//! Who was shown a person's data and why, as stored in stream `personal-<beneficiary id>`. Never the data themselves.

use crate::domain::beneficiary::BeneficiaryRefusal;
use crate::domain::decision::Decision;
use crate::domain::ids::{BeneficiaryId, VaultRef};
use serde::{Deserialize, Serialize};

/// A kind of personal data. What a role sees of each stands in `app::sight`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DataKind {
    Name,
    /// A number of a person by a scheme of the profile.
    Identifier,
    /// An account number.
    Account,
    /// What an agent or an office wrote about a payment, which may name somebody.
    Words,
}

impl DataKind {
    /// All kinds, in the order of the table.
    pub const ALL: [Self; 4] = [Self::Name, Self::Identifier, Self::Account, Self::Words];

    /// Those that a reveal can ask for; words are part of a payment's timeline.
    pub const REVEALED: [Self; 3] = [Self::Name, Self::Identifier, Self::Account];

    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Identifier => "identifier",
            Self::Account => "account",
            Self::Words => "words",
        }
    }
}

/// What personal data are looked at for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// A payment was rejected or returned, and the data must be compared with the bank's.
    PaymentProblem,
    /// The person, or who acts for the person, stands at the desk and must be recognised.
    IdentityCheck,
    /// The person asks what is held.
    PersonAsks,
    /// A court or another authority asks, by law.
    LegalRequest,
    /// The work of others is examined.
    Audit,
    /// A bank or a desk needs it to pay.
    PaymentOrder,
    /// Something else, which the words beside it say.
    Other,
}

impl Purpose {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::PaymentProblem,
        Self::IdentityCheck,
        Self::PersonAsks,
        Self::LegalRequest,
        Self::Audit,
        Self::PaymentOrder,
        Self::Other,
    ];

    /// The word in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PaymentProblem => "payment_problem",
            Self::IdentityCheck => "identity_check",
            Self::PersonAsks => "person_asks",
            Self::LegalRequest => "legal_request",
            Self::Audit => "audit",
            Self::PaymentOrder => "payment_order",
            Self::Other => "other",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == text)
    }
}

/// One event of the stream. Who it was stands in the envelope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DisclosureEvent {
    Revealed(PersonalDataRevealed),
    Exported(PersonalDataExported),
}

/// Data of a person were shown in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonalDataRevealed {
    pub beneficiary_id: BeneficiaryId,
    pub kinds: Vec<DataKind>,
    pub purpose: Purpose,
    /// The reader's own words about the purpose, in the vault: they may name somebody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose_ref: Option<VaultRef>,
}

/// Everything held on a person was handed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonalDataExported {
    pub beneficiary_id: BeneficiaryId,
    pub purpose: Purpose,
    /// Records of the vault in it.
    pub vault_records: u64,
    /// Payments in it.
    pub payments: u64,
}

/// What can be asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DisclosureCommand {
    /// `erased`: the person's data were destroyed.
    Reveal {
        event: PersonalDataRevealed,
        erased: bool,
    },
    Export(PersonalDataExported),
}

/// How often a person's data were shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Disclosures {
    pub revealed: u64,
    pub exported: u64,
}

impl Disclosures {
    /// Applies one event.
    pub const fn evolve(&mut self, event: &DisclosureEvent) {
        match event {
            DisclosureEvent::Revealed(_) => self.revealed += 1,
            DisclosureEvent::Exported(_) => self.exported += 1,
        }
    }

    /// Decides about a command. Each showing is an event of its own, however often it is repeated.
    #[must_use]
    pub fn decide(&self, command: &DisclosureCommand) -> Decision<DisclosureEvent, BeneficiaryRefusal> {
        match command {
            DisclosureCommand::Reveal { erased: true, .. } => Decision::Refused(BeneficiaryRefusal::Erased),
            DisclosureCommand::Reveal { event, erased: false } => {
                Decision::Events(vec![DisclosureEvent::Revealed(event.clone())])
            }
            DisclosureCommand::Export(event) => Decision::Events(vec![DisclosureEvent::Exported(event.clone())]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn reveal(erased: bool) -> DisclosureCommand {
        let event = PersonalDataRevealed {
            beneficiary_id: BeneficiaryId::from_uuid(Uuid::from_u128(1)),
            kinds: vec![DataKind::Name],
            purpose: Purpose::IdentityCheck,
            purpose_ref: None,
        };
        DisclosureCommand::Reveal { event, erased }
    }

    #[test]
    fn each_reveal_is_an_event_even_when_it_repeats_the_one_before() {
        let mut state = Disclosures::default();
        for count in 1..=2 {
            let Decision::Events(events) = state.decide(&reveal(false)) else { panic!("not decided") };
            for event in &events {
                state.evolve(event);
            }
            assert_eq!((events.len(), state.revealed), (1, count));
        }
    }

    #[test]
    fn what_was_erased_is_not_revealed() {
        assert_eq!(Disclosures::default().decide(&reveal(true)), Decision::Refused(BeneficiaryRefusal::Erased));
    }

    #[test]
    fn each_purpose_reads_back_from_its_word() {
        for purpose in Purpose::ALL {
            assert_eq!(Purpose::parse(purpose.as_str()), Some(purpose));
            assert_eq!(serde_json::to_value(purpose).unwrap(), purpose.as_str());
        }
        for kind in DataKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
    }
}
