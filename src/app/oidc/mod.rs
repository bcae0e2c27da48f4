//! Sign-in by a provider (OIDC, authorization code with PKCE), and its tokens for the API. Whom it vouches for has an entry among the
//! keys, without a secret: revoked like any other, and the actor of what is recorded.

pub mod provider;
pub mod settings;
pub mod token;

use crate::app::App;
use crate::app::access::{Principal, Role};
use crate::app::error::AppError;
use crate::app::hex::hex;
use crate::app::keys::{Presented, Vouched};
use crate::domain::ids::{BankId, UnitKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use provider::{Away, Provider};
use serde_json::{Map, Value};
use settings::{OidcSettings, RoleRule, Units};
use sha2::{Digest, Sha256};
use token::{Expected, TokenError};

/// The longest name that is kept of a person.
const LABEL_LENGTH_MAX: usize = 100;

/// A provider, once it is configured.
pub struct Oidc {
    pub settings: OidcSettings,
    provider: Provider,
}

/// What a sign-in hangs on: one random value in the browser's cookie, of which the rest is made, so that no server keeps anything.
pub struct Attempt<'a>(&'a str);

/// Why nobody is signed in.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    #[error("there is no provider of sign-ins")]
    NotConfigured,
    #[error("it is not the answer to a sign-in of this browser")]
    State,
    #[error(transparent)]
    Away(#[from] Away),
    #[error(transparent)]
    Token(#[from] TokenError),
    /// No role of ours, no unit or bank for it, or shut out here.
    #[error("the provider's person has no place here: {0}")]
    NoPlace(&'static str),
    #[error(transparent)]
    App(#[from] AppError),
}

impl<'a> Attempt<'a> {
    /// Of a cookie's value.
    #[must_use]
    pub const fn of(secret: &'a str) -> Self {
        Self(secret)
    }

    fn made(&self, what: &str) -> String {
        hex(&Sha256::digest(format!("{what} of {}", self.0).as_bytes()))
    }

    /// What comes back with the browser.
    #[must_use]
    pub fn state(&self) -> String {
        self.made("state")
    }

    fn nonce(&self) -> String {
        self.made("nonce")
    }

    /// The code verifier of PKCE; its hash goes ahead.
    fn verifier(&self) -> String {
        self.made("verifier")
    }

    fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier().as_bytes()))
    }
}

/// Whose a token is, and as what.
struct Standing {
    role: Role,
    unit: Option<UnitKey>,
    bank: Option<BankId>,
}

impl Oidc {
    /// Asks nothing yet: a provider that is away keeps no server from starting.
    #[must_use]
    pub fn new(settings: OidcSettings) -> Self {
        Self { provider: Provider::new(&settings.issuer, settings.keys_file.clone()), settings }
    }
}

impl App {
    /// Where a browser goes to sign in.
    pub async fn oidc_address(&self, attempt: &Attempt<'_>, state: &str) -> Result<String, Refused> {
        let oidc = self.oidc.get().ok_or(Refused::NotConfigured)?;
        let endpoints = oidc.provider.endpoints(self.clock.now_us()).await?;
        let settings = &oidc.settings;
        let pairs = [
            ("response_type", "code"),
            ("client_id", &settings.client_id),
            ("redirect_uri", &settings.redirect()),
            ("scope", &settings.scopes),
            ("state", state),
            ("nonce", &attempt.nonce()),
            ("code_challenge", &attempt.challenge()),
            ("code_challenge_method", "S256"),
        ];
        let sign = if endpoints.authorization.contains('?') { '&' } else { '?' };
        Ok(format!("{}{sign}{}", endpoints.authorization, provider::form(&pairs)))
    }

    /// Signs in whoever comes back with a code. Answers the session's cookie.
    pub async fn sign_in_by_code(&self, attempt: &Attempt<'_>, code: &str) -> Result<String, Refused> {
        let oidc = self.oidc.get().ok_or(Refused::NotConfigured)?;
        let now_us = self.clock.now_us();
        let token = oidc.provider.redeem(&oidc.settings, (code, &attempt.verifier()), now_us).await?;
        let nonce = attempt.nonce();
        let claims = self.verified(oidc, &token, (&oidc.settings.client_id, Some(&nonce))).await?;
        let principal = self.vouched(oidc, &claims).await?;
        Ok(self.begin_session(&principal.key_id).await?)
    }

    /// Who a bearer's text is: one of our keys, or a token of the provider for the API.
    pub async fn caller(&self, bearer: &str) -> Result<Presented, AppError> {
        match self.keys.present(bearer).await? {
            Presented::Unknown => {}
            known => return Ok(known),
        }
        let found = self.caller_of_token(bearer).await?;
        Ok(found.map_or(Presented::Unknown, Presented::Good))
    }

    async fn caller_of_token(&self, bearer: &str) -> Result<Option<Principal>, AppError> {
        let Some(oidc) = self.oidc.get().filter(|_| bearer.matches('.').count() == 2) else { return Ok(None) };
        let Some(audience) = &oidc.settings.api_audience else { return Ok(None) };
        let claims = match self.verified(oidc, bearer, (audience, None)).await {
            Ok(claims) => claims,
            Err(Refused::App(error)) => return Err(error),
            Err(refused) => {
                tracing::info!(reason = %refused, "a token of the provider is not taken");
                return Ok(None);
            }
        };
        match self.vouched(oidc, &claims).await {
            Ok(principal) => Ok(Some(principal)),
            Err(Refused::App(error)) => Err(error),
            Err(refused) => {
                tracing::info!(reason = %refused, "a token of the provider is not taken");
                Ok(None)
            }
        }
    }

    async fn verified(
        &self,
        oidc: &Oidc,
        token: &str,
        (audience, nonce): (&str, Option<&str>),
    ) -> Result<Map<String, Value>, Refused> {
        let now_us = self.clock.now_us();
        let expected = Expected {
            algorithm: oidc.settings.algorithm,
            issuer: &oidc.settings.issuer,
            audience,
            nonce,
            now: now_us.div_euclid(1_000_000),
            skew_seconds: oidc.settings.skew_seconds,
        };
        let known = token::verify(token, &oidc.provider.keys(now_us, false).await?, &expected);
        match known {
            // The provider may have another key since it was asked.
            Err(TokenError::KeyUnknown) => {
                Ok(token::verify(token, &oidc.provider.keys(now_us, true).await?, &expected)?)
            }
            other => Ok(other?),
        }
    }

    /// The entry of a person among the keys, made at the first sign-in. Another role or unit is another entry.
    async fn vouched(&self, oidc: &Oidc, claims: &Map<String, Value>) -> Result<Principal, Refused> {
        let Standing { role, unit, bank } = self.standing_of(&oidc.settings, claims)?;
        let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
        let of = [
            "person",
            &oidc.settings.issuer,
            text("sub"),
            role.as_str(),
            unit.as_ref().map_or("", UnitKey::as_str),
            bank.as_ref().map_or("", BankId::as_str),
        ];
        let key_id = format!("oidc-{}", hex(&Sha256::digest(of.join("\0").as_bytes())[..16]));
        let name = match text(&oidc.settings.name_claim).trim() {
            "" => text("sub"),
            name => name,
        };
        let label = name.chars().filter(|c| !c.is_control()).take(LABEL_LENGTH_MAX).collect();
        let found = self.keys.vouch(Vouched { key_id, role, unit, bank, label }).await?;
        found.ok_or(Refused::NoPlace("its entry among the keys is revoked"))
    }

    fn standing_of(&self, settings: &OidcSettings, claims: &Map<String, Value>) -> Result<Standing, Refused> {
        let values = texts(claims, &settings.role_claim);
        let rule = settings.roles.iter().find(|rule| values.contains(&rule.value.as_str()));
        let rule = rule.ok_or(Refused::NoPlace("none of its roles is one of ours"))?;
        let bank = match rule.role {
            Role::Bank => Some(self.bank_of(rule, &texts(claims, &settings.bank_claim))?),
            Role::Clerk | Role::Supervisor | Role::Analyst | Role::Auditor | Role::Operator => None,
        };
        let unit = match rule.role {
            Role::Clerk | Role::Supervisor | Role::Analyst | Role::Auditor => {
                self.unit_of(rule, &texts(claims, &settings.unit_claim))?
            }
            Role::Bank | Role::Operator => None,
        };
        Ok(Standing { role: rule.role, unit, bank })
    }

    fn bank_of(&self, rule: &RoleRule, claimed: &[&str]) -> Result<BankId, Refused> {
        let named = rule.bank.as_deref().or_else(|| claimed.first().copied()).unwrap_or_default();
        let spec = self.profile.bank(named).ok_or(Refused::NoPlace("it names no bank of the profile"))?;
        Ok(spec.id.clone())
    }

    fn unit_of(&self, rule: &RoleRule, claimed: &[&str]) -> Result<Option<UnitKey>, Refused> {
        let none = || Refused::NoPlace("it names no unit in force");
        let named = match (&rule.units, claimed) {
            (Units::All, _) => return Ok(None),
            (Units::Of(key), _) => key.as_str(),
            (Units::Claimed, [one]) => one,
            (Units::Claimed, _) => return Err(none()),
        };
        let today = self.profile.business_day(self.clock.now_us());
        self.scope(named, today).map(Some).map_err(|_| none())
    }
}

/// The texts of a claim: one, or a list. A point leads into a member: `realm_access.roles`.
fn texts<'a>(claims: &'a Map<String, Value>, path: &str) -> Vec<&'a str> {
    let whole = claims.get(path);
    let mut steps = path.split('.');
    let first = steps.next().and_then(|step| claims.get(step));
    let found = whole.or_else(|| steps.try_fold(first?, |at, step| at.get(step)));
    match found {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_attempt_is_made_of_one_secret_and_tells_nothing_of_it() {
        let attempt = Attempt::of("secret");
        let all = [attempt.state(), attempt.nonce(), attempt.verifier(), attempt.challenge()];
        for (place, one) in all.iter().enumerate() {
            assert!(!one.contains("secret") && all.iter().skip(place + 1).all(|other| other != one));
        }
        assert_eq!(attempt.challenge().len(), 43);
        assert_ne!(Attempt::of("other").state(), attempt.state());
    }

    #[test]
    fn a_claim_is_a_text_a_list_or_a_member() {
        let claims = json!({"a": "x", "b": ["y", 1, "z"], "c": {"d": ["w"]}, "e.f": "v"});
        let claims = claims.as_object().unwrap();
        assert_eq!(texts(claims, "a"), ["x"]);
        assert_eq!(texts(claims, "b"), ["y", "z"]);
        assert_eq!(texts(claims, "c.d"), ["w"]);
        assert_eq!(texts(claims, "e.f"), ["v"]);
        assert!(texts(claims, "c").is_empty() && texts(claims, "c.x").is_empty() && texts(claims, "q").is_empty());
    }
}
