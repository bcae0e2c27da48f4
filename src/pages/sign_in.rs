//! Signing in: a key in a form, or in a demonstration a role.

use super::Frame;
use crate::app::access::Role;
use askama::Template;

/// What went wrong with the last try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// The key is not one, or revoked.
    WrongKey,
    /// The key's time is over.
    KeyExpired,
    /// The form came from elsewhere, or the browser keeps no cookies of this address.
    NoCookie,
    /// The session is over.
    Over,
    /// Too many wrong keys at once.
    TooMany,
    /// What came back from the provider answers no sign-in of this browser, or too late.
    OtherAttempt,
    /// The provider does not answer, or not as it should.
    ProviderAway,
    /// What the provider handed over is not good.
    ProviderToken,
    /// The provider knows the person, and we have no role, unit or bank for them.
    NoPlace,
}

/// The page.
#[derive(Template)]
#[template(path = "sign_in.html")]
pub struct SignIn<'a> {
    pub page: &'a Frame,
    pub trouble: Option<Trouble>,
    /// Where to go after it.
    pub next: &'a str,
    pub form_token: &'a str,
    /// A demonstration's open doors.
    pub doors: Vec<Role>,
    /// The name of whoever else signs people in.
    pub provider: Option<&'a str>,
    /// Where to go after that, for an address.
    pub oidc_next: String,
    /// The agency that the profile is of.
    pub agency: &'a str,
}

impl SignIn<'_> {
    fn said(&self) -> Option<&'static str> {
        let page = self.page;
        Some(match self.trouble? {
            Trouble::WrongKey => page.t("sign_in.wrong_key"),
            Trouble::KeyExpired => page.t("sign_in.key_expired"),
            Trouble::NoCookie => page.t("sign_in.no_cookie"),
            Trouble::Over => page.t("sign_in.over"),
            Trouble::TooMany => page.t("sign_in.too_many"),
            Trouble::OtherAttempt => page.t("sign_in.other_attempt"),
            Trouble::ProviderAway => page.t("sign_in.provider_away"),
            Trouble::ProviderToken => page.t("sign_in.provider_token"),
            Trouble::NoPlace => page.t("sign_in.no_place"),
        })
    }
}

impl SignIn<'_> {
    /// The key of the words for what a role does.
    #[expect(clippy::unused_self, reason = "templates call methods")]
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand over references")]
    const fn does(&self, role: &Role) -> &'static str {
        match role {
            Role::Clerk => "clerk_does",
            Role::Supervisor => "supervisor_does",
            Role::Analyst => "analyst_does",
            Role::Bank => "bank_does",
            Role::Auditor => "auditor_does",
            Role::Operator => "operator_does",
        }
    }
}
