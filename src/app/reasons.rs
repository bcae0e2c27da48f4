//! Reasons as agents and offices give them: the code for the log, the words for the vault.

use crate::domain::ids::VaultRef;
use crate::domain::payment::event::Reason;
use crate::domain::payment::reason::{NARRATIVE, is_code};
use crate::domain::profile::Profile;

/// A reason as received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedReason {
    /// Whose code it is.
    pub system: String,
    /// The code; an office or a bank may write words in its place.
    pub code: String,
    /// The agent's words beside the code.
    pub text: Option<String>,
}

fn keeps_code(profile: &Profile, reported: &ReportedReason) -> bool {
    profile.knows_reason(&reported.system, &reported.code) || is_code(&reported.code)
}

/// The words of a reason, which may name a person or an account: they go to the vault.
#[must_use]
pub fn words(profile: &Profile, reported: &ReportedReason) -> Option<String> {
    let text = reported.text.as_deref();
    if keeps_code(profile, reported) {
        return text.map(str::to_owned);
    }
    Some(text.map_or_else(|| reported.code.clone(), |text| format!("{}: {text}", reported.code)))
}

/// The reason as the log keeps it. A code that the profile's map does not have is kept, as `unknown`; words are kept by reference.
#[must_use]
pub fn reason(profile: &Profile, reported: &ReportedReason, text_ref: Option<VaultRef>) -> Reason {
    let code = if keeps_code(profile, reported) { reported.code.clone() } else { NARRATIVE.to_owned() };
    let class = profile.reason_class(&reported.system, &code);
    Reason { system: reported.system.clone(), code, class, text: None, text_ref }
}
