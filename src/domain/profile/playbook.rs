//! The return playbook as data: for each class of reasons and each situation who acts, by when, how, and by which operation of the API.

use super::Profile;
use super::check::Checked;
use super::load::{Document, wrong};
use super::spec::Labels;
use crate::domain::payment::event::ReasonClass;
use serde::{Deserialize, Serialize};

/// What asks for somebody, though no agent gave a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Situation {
    /// It waits for a person.
    Held,
    /// Its window is over and nothing final is known.
    Late,
    /// Money of an attempt that was given up went out all the same, and a later attempt was stopped.
    LateMoney,
    /// Money is out beyond what is owed, and nobody asked for it yet.
    RecoveryFound,
    /// It was asked back, and the day is over.
    RecoveryDue,
    /// Somebody waits for the consent of a second person.
    ApprovalWaiting,
    /// The right to receive on somebody's behalf runs out, or did while the money still goes that way.
    AuthorisationEnding,
    /// The population database does not know the person so.
    IdentityOpen,
    /// The population database says that the person is dead.
    IdentityDeceased,
    /// A list has not gone out.
    ListUnsent,
    /// A list waits for the second person above the profile's sum.
    ListApproval,
    /// A list's agent refused it as a whole.
    ListRefused,
    /// A list's window is over, and its money is not accounted for.
    ListOpen,
    /// Days of a desk are not liquidated.
    DeskOpen,
    /// A desk holds cash after its window.
    DeskCash,
    /// An item of a bank's message could not be applied.
    BankItem,
    /// A bank's message is past its hour.
    BankSilent,
    /// Another amount than was ordered was reported as paid.
    AmountDiffers,
    /// An endpoint that was to be told of payments is switched off.
    WebhookOff,
}

impl Situation {
    /// All situations: a profile says of each what to do.
    pub const ALL: [Self; 19] = [
        Self::Held,
        Self::Late,
        Self::LateMoney,
        Self::RecoveryFound,
        Self::RecoveryDue,
        Self::ApprovalWaiting,
        Self::AuthorisationEnding,
        Self::IdentityOpen,
        Self::IdentityDeceased,
        Self::ListUnsent,
        Self::ListApproval,
        Self::ListRefused,
        Self::ListOpen,
        Self::DeskOpen,
        Self::DeskCash,
        Self::BankItem,
        Self::BankSilent,
        Self::AmountDiffers,
        Self::WebhookOff,
    ];

    /// The word in JSON and files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Late => "late",
            Self::LateMoney => "late_money",
            Self::RecoveryFound => "recovery_found",
            Self::RecoveryDue => "recovery_due",
            Self::ApprovalWaiting => "approval_waiting",
            Self::AuthorisationEnding => "authorisation_ending",
            Self::IdentityOpen => "identity_open",
            Self::IdentityDeceased => "identity_deceased",
            Self::ListUnsent => "list_unsent",
            Self::ListApproval => "list_approval",
            Self::ListRefused => "list_refused",
            Self::ListOpen => "list_open",
            Self::DeskOpen => "desk_open",
            Self::DeskCash => "desk_cash",
            Self::BankItem => "bank_item",
            Self::BankSilent => "bank_silent",
            Self::AmountDiffers => "amount_differs",
            Self::WebhookOff => "webhook_off",
        }
    }
}

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Actor {
    /// The clerk of the payment's unit.
    Clerk,
    Supervisor,
    Bank,
    Desk,
}

impl Actor {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Clerk, Self::Supervisor, Self::Bank, Self::Desk];

    /// The word in JSON and files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clerk => "clerk",
            Self::Supervisor => "supervisor",
            Self::Bank => "bank",
            Self::Desk => "desk",
        }
    }
}

/// What to do about one class of reasons, some of its codes, or one situation.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaySpec {
    #[serde(default)]
    pub class: Option<ReasonClass>,
    #[serde(default)]
    pub situation: Option<Situation>,
    /// Only these codes of this system; the whole class when absent.
    #[serde(default)]
    pub system: Option<String>,
    #[serde(default)]
    pub codes: Vec<String>,
    pub who: Actor,
    /// By when: so many working days after it happened.
    pub working_days: u8,
    /// Operations of the API (their `operationId`), the one that ends the matter first.
    pub operations: Vec<String>,
    /// How.
    pub labels: Labels,
}

const CLASSES: [ReasonClass; 11] = [
    ReasonClass::AccountData,
    ReasonClass::AccountState,
    ReasonClass::Identity,
    ReasonClass::Deceased,
    ReasonClass::Bank,
    ReasonClass::Funds,
    ReasonClass::Duplicate,
    ReasonClass::Format,
    ReasonClass::Unclaimed,
    ReasonClass::NoAnswer,
    ReasonClass::Unknown,
];

impl Profile {
    /// What to do about a reason: what is said of its code, else of its class. Its place in the playbook.
    #[must_use]
    pub fn play_of_reason(&self, system: &str, code: &str, class: ReasonClass) -> Option<usize> {
        let of_code =
            |play: &PlaySpec| play.system.as_deref() == Some(system) && play.codes.iter().any(|known| known == code);
        let of_class = |play: &PlaySpec| play.codes.is_empty() && play.class == Some(class);
        self.playbook.iter().position(of_code).or_else(|| self.playbook.iter().position(of_class))
    }

    /// What to do in a situation. Its place in the playbook.
    #[must_use]
    pub fn play_of(&self, situation: Situation) -> Option<usize> {
        self.playbook.iter().position(|play| play.situation == Some(situation))
    }
}

/// Every class and situation has its entry, and no two entries speak of the same thing.
pub(super) fn check_playbook(document: &Document) -> Checked {
    let book = &document.playbook;
    for (index, play) in book.iter().enumerate() {
        let field = name(play);
        if play.class.is_some() == play.situation.is_some() {
            return wrong("playbook", field, "name either a class or a situation");
        }
        if play.operations.is_empty() {
            return wrong("playbook", field, "at least one operation is needed");
        }
        if play.system.is_some() == play.codes.is_empty() || (play.situation.is_some() && play.system.is_some()) {
            return wrong("playbook", field, "system and codes go together, with a class");
        }
        check_codes(document, play)?;
        let same = |other: &PlaySpec| {
            let codes = play.codes.is_empty() == other.codes.is_empty()
                && (play.codes.is_empty() || play.codes.iter().any(|code| other.codes.contains(code)));
            other.class == play.class && other.situation == play.situation && other.system == play.system && codes
        };
        if book[..index].iter().any(same) {
            return wrong("playbook", field, "two entries speak of it");
        }
    }
    let of_class = |class| book.iter().any(|play| play.class == Some(class) && play.codes.is_empty());
    if let Some(class) = CLASSES.into_iter().find(|class| !of_class(*class)) {
        return wrong("playbook", "class", format!("{class:?} has no entry"));
    }
    let of_situation = |situation| book.iter().any(|play| play.situation == Some(situation));
    match Situation::ALL.into_iter().find(|situation| !of_situation(*situation)) {
        Some(missing) => wrong("playbook", "situation", format!("{} has no entry", missing.as_str())),
        None => Ok(()),
    }
}

/// Codes with an entry of their own are codes of the class that the entry names.
fn check_codes(document: &Document, play: &PlaySpec) -> Checked {
    for code in &play.codes {
        let known = document.reasons.iter().any(|spec| {
            Some(&spec.system) == play.system.as_ref() && Some(spec.class) == play.class && spec.codes.contains(code)
        });
        if !known {
            return wrong("playbook", name(play), format!("{code} is not a code of this class"));
        }
    }
    Ok(())
}

pub(super) fn name(play: &PlaySpec) -> String {
    match (play.class, play.situation) {
        (Some(class), _) => format!("{class:?} {}", play.codes.join(" ")).trim().to_owned(),
        (None, Some(situation)) => situation.as_str().to_owned(),
        (None, None) => "an entry".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TAVARIA: &str = include_str!("../../../config/tavaria.toml");

    fn tavaria(text: &str) -> Result<Profile, String> {
        let units = include_str!("../../../config/tavaria/units.csv");
        let links = include_str!("../../../config/tavaria/successions.csv");
        Profile::from_toml(text, units, links).map_err(|error| error.to_string())
    }

    #[test]
    fn a_codes_own_entry_goes_before_its_class_and_an_unknown_code_is_of_its_class() {
        let profile = Profile::vietnam();
        let days =
            |system, code, class| profile.playbook[profile.play_of_reason(system, code, class).unwrap()].working_days;
        assert_eq!(days("iso20022", "AC06", ReasonClass::AccountState), 5);
        assert_eq!(days("iso20022", "AC04", ReasonClass::AccountState), 2);
        assert_eq!(days("vcb", "AC06", ReasonClass::AccountState), 2, "codes belong to a system");
        assert_eq!(days("vcb", "ODD", ReasonClass::Unknown), 1);
    }

    #[test]
    fn every_class_and_situation_has_an_entry_in_both_profiles() {
        for profile in [Profile::vietnam(), tavaria(TAVARIA).unwrap()] {
            assert!(CLASSES.into_iter().all(|class| profile.play_of_reason("", "", class).is_some()));
            assert!(Situation::ALL.into_iter().all(|situation| profile.play_of(situation).is_some()));
        }
    }

    #[track_caller]
    fn refused(from: &str, to: &str, expected: &str) {
        assert!(TAVARIA.contains(from), "{from}");
        let error = tavaria(&TAVARIA.replacen(from, to, 1)).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }

    #[test]
    fn a_playbook_with_a_gap_or_a_contradiction_is_refused() {
        refused("class = \"funds\"\nwho", "class = \"bank\"\nwho", "Bank: two entries speak of it");
        refused("situation = \"held\"", "situation = \"late\"", "late: two entries");
        refused(
            "class = \"funds\"\nwho",
            "class = \"funds\"\nsituation = \"held\"\nwho",
            "either a class or a situation",
        );
        refused("codes = ['E17']\nwho", "codes = ['E18']\nwho", "E18 is not a code of this class");
        refused(
            "system = \"tavcell\"\ncodes = ['E17']\nwho",
            "system = \"tavcell\"\nwho",
            "system and codes go together",
        );
        refused("operations = [\"reissuePayment\"]", "operations = []", "at least one operation");
        let (before, after) = TAVARIA.split_once("[[playbook]]\nsituation = \"held\"").unwrap();
        let rest = after.split_once("[[playbook]]").unwrap().1;
        let error = tavaria(&format!("{before}[[playbook]]{rest}")).unwrap_err();
        assert!(error.contains("held has no entry"), "{error}");
    }
}
