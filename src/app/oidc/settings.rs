//! What is said once of a provider of sign-ins (OIDC): where it is, what we are to it, and which of its claims make which role.

use crate::app::access::Role;
use crate::app::oidc::provider::keys_of;
use crate::app::oidc::token::Algorithm;
use crate::domain::profile::Profile;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Whoever has this for units reaches the whole log.
const ALL_UNITS: &str = "all";
const SKEW_SECONDS_MAX: i64 = 300;

/// The file. An unknown key is an error.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsFile {
    issuer: String,
    client_id: String,
    client_secret: Option<String>,
    client_secret_file: Option<PathBuf>,
    address: String,
    name: Option<String>,
    algorithm: Option<String>,
    scopes: Option<Vec<String>>,
    role_claim: Option<String>,
    unit_claim: Option<String>,
    bank_claim: Option<String>,
    name_claim: Option<String>,
    api_audience: Option<String>,
    clock_skew_seconds: Option<i64>,
    keys_file: Option<PathBuf>,
    roles: Vec<RoleEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleEntry {
    value: String,
    role: String,
    units: Option<String>,
    bank: Option<String>,
}

/// A claim's value and the role that it makes; the first that fits counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleRule {
    pub value: String,
    pub role: Role,
    pub units: Units,
    pub bank: Option<String>,
}

/// Which units a role is limited to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Units {
    /// The claim says it; without one nobody gets in.
    Claimed,
    All,
    Of(String),
}

/// All of it, checked.
pub struct OidcSettings {
    pub issuer: String,
    pub client_id: String,
    pub client_secret: Option<ClientSecret>,
    /// Our own address, as browsers reach it: scheme and host.
    pub address: String,
    /// What the button says; the issuer's host when nothing is said.
    pub name: String,
    pub algorithm: Algorithm,
    pub scopes: String,
    pub role_claim: String,
    pub unit_claim: String,
    pub bank_claim: String,
    pub name_claim: String,
    /// Tokens for this audience open the API.
    pub api_audience: Option<String>,
    pub skew_seconds: i64,
    /// Where the provider's keys are, when it is not asked for them.
    pub keys_file: Option<PathBuf>,
    pub roles: Vec<RoleRule>,
}

/// What we show the provider. Never printed.
pub struct ClientSecret(pub String);

/// Why a file of settings is none.
#[derive(Debug, thiserror::Error)]
#[error("the settings of sign-in {path}: {reason}")]
pub struct SettingsError {
    path: PathBuf,
    reason: String,
}

impl OidcSettings {
    /// Reads the file of settings, and the secret where it names a file.
    pub fn read(path: &Path, profile: &Profile) -> Result<Self, SettingsError> {
        let wrong = |reason: String| SettingsError { path: path.to_owned(), reason };
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        let mut file: SettingsFile = toml::from_str(&text).map_err(|error| wrong(error.to_string()))?;
        let folder = path.parent().unwrap_or_else(|| Path::new("."));
        if let Some(keys) = &mut file.keys_file {
            *keys = folder.join(&*keys);
            let bytes = std::fs::read(&*keys).map_err(|error| error.to_string());
            let read = bytes.and_then(|bytes| keys_of(&bytes));
            read.map_err(|reason| wrong(format!("keys_file {}: {reason}", keys.display())))?;
        }
        if let Some(secret) = &file.client_secret_file {
            let secret = folder.join(secret);
            let text = std::fs::read_to_string(&secret)
                .map_err(|error| wrong(format!("client_secret_file {}: {error}", secret.display())))?;
            file.client_secret = Some(text.trim().to_owned());
        }
        Self::checked(file, profile).map_err(wrong)
    }

    /// The same from its text.
    pub fn parse(text: &str, profile: &Profile) -> Result<Self, String> {
        Self::checked(toml::from_str(text).map_err(|error| error.to_string())?, profile)
    }

    fn checked(file: SettingsFile, profile: &Profile) -> Result<Self, String> {
        for (name, address) in [("issuer", &file.issuer), ("address", &file.address)] {
            if !may_be_asked(address) {
                return Err(format!("{name} must be https://…, or http:// on this machine: {address}"));
            }
        }
        let word = file.algorithm.as_deref().unwrap_or("RS256");
        let algorithm = Algorithm::parse(word).ok_or_else(|| format!("algorithm is RS256, ES256 or EdDSA: {word}"))?;
        if file.api_audience.as_deref() == Some(file.client_id.as_str()) {
            return Err("api_audience must not be client_id: a token of a sign-in would open the API".to_owned());
        }
        let skew_seconds = file.clock_skew_seconds.unwrap_or(60);
        if !(0..=SKEW_SECONDS_MAX).contains(&skew_seconds) {
            return Err(format!("clock_skew_seconds is 0 to {SKEW_SECONDS_MAX}"));
        }
        if file.roles.is_empty() {
            return Err("no [[roles]]: nobody could sign in".to_owned());
        }
        let roles = file.roles.into_iter().map(|entry| rule(entry, profile)).collect::<Result<_, _>>()?;
        let host = file.issuer.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
        Ok(Self {
            name: file.name.unwrap_or_else(|| host.to_owned()),
            issuer: file.issuer,
            client_id: file.client_id,
            client_secret: file.client_secret.map(ClientSecret),
            address: file.address.trim_end_matches('/').to_owned(),
            algorithm,
            scopes: file.scopes.map_or_else(|| "openid profile".to_owned(), |scopes| scopes.join(" ")),
            role_claim: file.role_claim.unwrap_or_else(|| "roles".to_owned()),
            unit_claim: file.unit_claim.unwrap_or_else(|| "chitra_unit".to_owned()),
            bank_claim: file.bank_claim.unwrap_or_else(|| "chitra_bank".to_owned()),
            name_claim: file.name_claim.unwrap_or_else(|| "preferred_username".to_owned()),
            api_audience: file.api_audience,
            skew_seconds,
            keys_file: file.keys_file,
            roles,
        })
    }

    /// Where the provider sends browsers back to.
    #[must_use]
    pub fn redirect(&self) -> String {
        format!("{}/sign-in/oidc/back", self.address)
    }
}

fn rule(entry: RoleEntry, profile: &Profile) -> Result<RoleRule, String> {
    let RoleEntry { value, role, units, bank } = entry;
    let role = Role::parse(&role).ok_or_else(|| format!("[[roles]] of {value}: there is no role {role}"))?;
    if let Some(bank) = bank.as_deref().filter(|bank| profile.bank(bank).is_none()) {
        return Err(format!("[[roles]] of {value}: there is no bank {bank}"));
    }
    let units = match units {
        None => Units::Claimed,
        Some(word) if word == ALL_UNITS => Units::All,
        Some(key) if profile.units.get(&key).is_some() => Units::Of(key),
        Some(key) => return Err(format!("[[roles]] of {value}: there is no unit {key}")),
    };
    Ok(RoleRule { value, role, units, bank })
}

/// Whether secrets may be sent there: by TLS, or to this machine alone.
#[must_use]
pub fn may_be_asked(address: &str) -> bool {
    if let Some(rest) = address.strip_prefix("https://") {
        return !rest.is_empty();
    }
    let Some(rest) = address.strip_prefix("http://") else { return false };
    let host = rest.split('/').next().unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    matches!(name, "localhost" | "127.0.0.1" | "::1")
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str =
        "issuer = \"https://login.example\"\nclient_id = \"chitra\"\naddress = \"https://chitra.example\"\n";

    fn read(more: &str) -> Result<OidcSettings, String> {
        OidcSettings::parse(&format!("{GOOD}{more}"), &Profile::vietnam())
    }

    #[test]
    fn a_role_is_limited_to_what_the_claim_says_unless_it_is_written_otherwise() {
        let roles = "[[roles]]\nvalue = \"a\"\nrole = \"clerk\"\n[[roles]]\nvalue = \"b\"\nrole = \"supervisor\"\nunits = \"all\"\n";
        let settings = read(roles).unwrap();
        assert_eq!(settings.roles[0].units, Units::Claimed);
        assert_eq!(settings.roles[1].units, Units::All);
        assert_eq!(settings.redirect(), "https://chitra.example/sign-in/oidc/back");
        assert_eq!(settings.name, "login.example");
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_its_reason() {
        let role = "[[roles]]\nvalue = \"a\"\nrole = \"clerk\"\n";
        for (more, reason) in [
            ("roles = []\n".to_owned(), "nobody could sign in"),
            ("[[roles]]\nvalue = \"a\"\nrole = \"king\"\n".to_owned(), "no role king"),
            (format!("{role}units = \"nowhere\"\n"), "no unit nowhere"),
            ("[[roles]]\nvalue = \"a\"\nrole = \"bank\"\nbank = \"none\"\n".to_owned(), "no bank none"),
            (format!("algorithm = \"HS256\"\n{role}"), "RS256, ES256 or EdDSA"),
            (format!("algorithm = \"none\"\n{role}"), "RS256, ES256 or EdDSA"),
            (format!("api_audience = \"chitra\"\n{role}"), "must not be client_id"),
            (format!("clock_skew_seconds = 3600\n{role}"), "0 to 300"),
            (format!("colour = \"red\"\n{role}"), "colour"),
        ] {
            let refused = read(&more).err().unwrap_or_default();
            assert!(refused.contains(reason), "{more}: {refused}");
        }
    }

    #[test]
    fn secrets_go_by_tls_or_to_this_machine() {
        for good in ["https://a.example/realms/x", "http://127.0.0.1:80", "http://[::1]:9/x", "http://localhost"] {
            assert!(may_be_asked(good), "{good}");
        }
        for bad in ["http://a.example", "http://localhost.example", "ftp://a", "https://", "a.example"] {
            assert!(!may_be_asked(bad), "{bad}");
        }
    }
}
