//! Who is signed in to the pages: a session stands for a key, is known by a random cookie, and ends with the key, by sign-out, or by time.

use crate::app::App;
use crate::app::access::{Principal, Role};
use crate::app::error::AppError;
use crate::app::hex::hex;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// A session ends so long after its sign-in, whatever is done in it.
pub const LASTS_US: i64 = 12 * 3_600 * 1_000_000;
/// A session ends when nothing was done for so long.
pub const IDLE_US: i64 = 3_600 * 1_000_000;
/// The last use is written down no more often than this.
const SEEN_EVERY_US: i64 = 60 * 1_000_000;
/// Length of the cookie's value.
const TOKEN_LENGTH: usize = 64;

/// Somebody who is signed in.
#[derive(Debug, Clone)]
pub struct Session {
    pub principal: Principal,
    /// What people call the key.
    pub label: String,
    /// What each form of the session carries, so that no other page can send one.
    pub form_token: String,
}

/// Keys that a demonstration lets anybody in with, by role: their ids. Empty, and unset, everywhere else.
pub type Doors = OnceLock<BTreeMap<&'static str, String>>;

impl App {
    /// Signs in with a key's text; `None` when it is not a valid key. Answers the cookie's value, which is stored nowhere.
    pub async fn sign_in(&self, key: &str) -> Result<Option<String>, AppError> {
        match self.keys.authenticate(key).await? {
            Some(principal) => self.begin_session(&principal.key_id).await.map(Some),
            None => Ok(None),
        }
    }

    /// Signs in at a demonstration's open door.
    pub async fn sign_in_as(&self, role: Role) -> Result<Option<String>, AppError> {
        match self.doors.get().and_then(|doors| doors.get(role.as_str())) {
            Some(key_id) => self.begin_session(key_id).await.map(Some),
            None => Ok(None),
        }
    }

    pub(super) async fn begin_session(&self, key_id: &str) -> Result<String, AppError> {
        let mut secret = [0_u8; TOKEN_LENGTH / 2];
        self.clock.fill_secret(&mut secret);
        let token = hex(&secret);
        let now = self.clock.now_us();
        self.registry.delete_old_sessions(now - LASTS_US, now - IDLE_US).await?;
        self.registry.insert_session(&hash(&token), key_id, now).await?;
        Ok(token)
    }

    /// Who a cookie's value is; `None` when the session is over, or its key revoked. Counts as a use of it.
    pub async fn session(&self, token: &str) -> Result<Option<Session>, AppError> {
        self.session_of(token, true).await
    }

    /// The same for what a page does by itself, which keeps no session alive.
    pub async fn peek_session(&self, token: &str) -> Result<Option<Session>, AppError> {
        self.session_of(token, false).await
    }

    async fn session_of(&self, token: &str, is_used: bool) -> Result<Option<Session>, AppError> {
        if token.len() != TOKEN_LENGTH {
            return Ok(None);
        }
        let hash = hash(token);
        let Some(stored) = self.registry.find_session(&hash).await? else { return Ok(None) };
        let now = self.clock.now_us();
        if now - stored.created_at_us >= LASTS_US || now - stored.seen_at_us >= IDLE_US {
            return Ok(None);
        }
        let Some((principal, label)) = self.keys.standing(&stored.key_id).await? else { return Ok(None) };
        if is_used && now - stored.seen_at_us >= SEEN_EVERY_US {
            self.registry.touch_session(&hash, now).await?;
        }
        Ok(Some(Session { principal, label, form_token: form_token(token) }))
    }

    /// Ends a session, for every server.
    pub async fn sign_out(&self, token: &str) -> Result<(), AppError> {
        Ok(self.registry.delete_session(&hash(token)).await?)
    }

    /// A random value for a visitor who is not signed in: the sign-in form is bound to it.
    #[must_use]
    pub fn visitor_token(&self) -> String {
        let mut secret = [0_u8; 16];
        self.clock.fill_secret(&mut secret);
        hex(&secret)
    }
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// What forms carry that are shown to the holder of a cookie. Tells nothing of the cookie.
#[must_use]
pub fn form_token(cookie: &str) -> String {
    hex(&Sha256::digest(format!("form of {cookie}").as_bytes()))
}

/// Whether a form is one that was shown to the holder of a cookie. Compares without stopping at the first difference.
#[must_use]
pub fn is_own_form(expected: &str, sent: &str) -> bool {
    let differs = |(a, b): (u8, u8)| a ^ b;
    expected.len() == sent.len() && expected.bytes().zip(sent.bytes()).map(differs).fold(0, |all, one| all | one) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_belongs_to_one_cookie() {
        let own = form_token("a");
        assert!(is_own_form(&own, &form_token("a")));
        assert!(!is_own_form(&own, &form_token("b")));
        assert!(!is_own_form(&own, ""));
    }
}
