//! Who asks: every role with a key of the object's unit, of the unit above it, of another one and of none; banks' keys of the object's
//! bank, of another one and of none; and somebody without a key.

use crate::support::app::TestApp;
use crate::support::client::Client;
use chitra::app::access::Role;
use std::fmt;

/// Where the key lies, seen from the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Its unit, or its bank.
    Own,
    /// A unit above its unit.
    Over,
    /// Another unit, or another bank.
    Other,
    /// The whole log.
    All,
    /// A bank's key that names no bank.
    Nowhere,
}

/// Somebody who asks.
pub struct Caller {
    pub role: Option<Role>,
    pub place: Place,
    pub client: Client,
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.role {
            None => f.write_str("nobody"),
            Some(role) => write!(f, "{role} ({:?})", self.place),
        }
    }
}

/// All of them.
pub async fn everybody(test: &TestApp) -> Vec<Caller> {
    let mut all = vec![Caller { role: None, place: Place::All, client: test.nobody() }];
    let units =
        [(Place::Own, Some("C20341")), (Place::Over, Some("D502")), (Place::Other, Some("D503")), (Place::All, None)];
    let banks = [(Place::Own, Some("vcb")), (Place::Other, Some("bidv")), (Place::Nowhere, None)];
    for role in Role::ALL {
        let places: &[(Place, Option<&str>)] = if role == Role::Bank { &banks } else { &units };
        for (place, limit) in places {
            let (unit, bank) = if role == Role::Bank { (None, *limit) } else { (*limit, None) };
            let key = test.key(role, unit, bank).await;
            all.push(Caller { role: Some(role), place: *place, client: test.with_key(&key) });
        }
    }
    all
}
