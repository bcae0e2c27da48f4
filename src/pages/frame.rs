//! What every page has around it: the language, who is signed in, where one can go, and the addresses of style and script.

use super::assets::ASSETS;
use super::words::{words, words_or};
use crate::app::access::{Action, Principal, Reach, Role};
use crate::app::tongue::Tongue;

/// Who is signed in.
#[derive(Debug, Clone)]
pub struct Who {
    pub principal: Principal,
    /// What people call the key.
    pub label: String,
    /// The name of the unit or bank that the key is limited to.
    pub place: Option<String>,
    /// Forms carry it.
    pub form_token: String,
}

/// Who may open a page.
#[derive(Debug, Clone, Copy)]
pub enum Door {
    Anybody,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever may do this.
    May(Action),
    /// Whoever has one of these roles.
    Roles(&'static [Role]),
}

impl Door {
    /// Whether it is open to somebody who is signed in.
    #[must_use]
    pub fn is_open_to(self, principal: &Principal) -> bool {
        match self {
            Self::Anybody | Self::SignedIn => true,
            Self::May(action) => principal.reach(action) != Reach::Nothing,
            Self::Roles(roles) => roles.contains(&principal.role),
        }
    }
}

/// A page that one can go to from everywhere.
pub struct Place {
    pub path: &'static str,
    /// In the tables of words.
    pub key: &'static str,
    pub door: Door,
}

/// Where one can go, in the order of the menu.
pub const PLACES: &[Place] = &[
    Place { path: "/desk", key: "nav.desk", door: Door::May(Action::ReadWorklist) },
    Place { path: "/overview", key: "nav.overview", door: Door::May(Action::ReadFigures) },
    Place { path: "/uploads", key: "nav.uploads", door: Door::May(Action::ImportFile) },
    Place { path: "/lists", key: "nav.lists", door: Door::May(Action::ReadList) },
    Place { path: "/payments", key: "nav.payments", door: Door::May(Action::ReadPayment) },
    Place {
        path: "/operations",
        key: "nav.operations",
        door: Door::Roles(&[Role::Operator, Role::Auditor, Role::Supervisor]),
    },
    Place { path: "/audit", key: "nav.audit", door: Door::May(Action::ReadAudit) },
    Place { path: "/integration", key: "nav.integration", door: Door::Roles(&[Role::Bank, Role::Operator]) },
    Place { path: "/docs", key: "nav.docs", door: Door::Anybody },
];

/// One line of the menu.
#[derive(Debug)]
pub struct MenuLine {
    pub href: &'static str,
    pub name: &'static str,
    pub is_here: bool,
}

/// What is around a page.
#[derive(Debug, Clone)]
pub struct Frame {
    pub tongue: Tongue,
    pub who: Option<Who>,
    /// The page's own address with its query, for the switch of languages.
    pub here: String,
    /// Everything in the log is made up.
    pub is_demo: bool,
    /// It is a sandbox.
    pub is_sandbox: bool,
}

impl Frame {
    /// The words under a key.
    #[must_use]
    pub fn t(&self, key: &'static str) -> &'static str {
        words(self.tongue, key)
    }

    /// The words under a key with texts put in for `{name}`.
    #[must_use]
    pub fn say(&self, key: &'static str, texts: &[(&str, &str)]) -> String {
        let fill = |said: String, (name, text): &(&str, &str)| said.replace(&format!("{{{name}}}"), text);
        texts.iter().fold(words(self.tongue, key).to_owned(), fill)
    }

    /// The words for a code, such as a role's name; the code itself where there are none.
    #[must_use]
    pub fn code<'a>(&self, section: &str, code: &'a str) -> &'a str {
        words_or(self.tongue, &format!("{section}.{code}"), code)
    }

    /// The page's language for browsers.
    #[must_use]
    pub const fn lang(&self) -> &'static str {
        self.tongue.code()
    }

    /// The menu as it is for whoever is signed in.
    #[must_use]
    pub fn menu(&self) -> Vec<MenuLine> {
        let Some(who) = &self.who else { return Vec::new() };
        let path = self.here.split('?').next().unwrap_or_default();
        let open = PLACES.iter().filter(|place| place.door.is_open_to(&who.principal));
        open.map(|place| MenuLine {
            href: place.path,
            name: words(self.tongue, place.key),
            is_here: path == place.path || path.strip_prefix(place.path).is_some_and(|rest| rest.starts_with('/')),
        })
        .collect()
    }

    /// What the form before this page had recorded, as its address says.
    #[must_use]
    pub fn recorded(&self) -> Option<String> {
        let asked = |name: &str| {
            let pairs = self.here.split_once('?')?.1.split('&');
            pairs.filter_map(|pair| pair.split_once('=')).find(|(found, _)| *found == name).map(|(_, text)| text)
        };
        let deed = self.code("deed", super::deeds::find(asked("recorded")?)?.operation);
        let position = asked("min_position").filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        let texts = [("deed", deed), ("position", position.unwrap_or("–"))];
        Some(if asked("waits").is_some() {
            self.say("deeds.waits", &texts)
        } else {
            self.say("deeds.recorded", &texts)
        })
    }

    /// The other language: its code, its name, and this page in it.
    #[must_use]
    pub fn other_language(&self) -> (&'static str, &'static str, String) {
        let (code, name) = match self.tongue {
            Tongue::Vietnamese => ("en", "English"),
            Tongue::English => ("vi", "Tiếng Việt"),
        };
        let sign = if self.here.contains('?') { '&' } else { '?' };
        (code, name, format!("{}{sign}lang={code}", self.here))
    }

    /// What the forms of this session carry.
    #[must_use]
    pub fn form_token(&self) -> &str {
        self.who.as_ref().map_or("", |who| who.form_token.as_str())
    }

    /// The role's name.
    #[must_use]
    pub fn role(&self) -> &str {
        self.who.as_ref().map_or("", |who| self.code("role", who.principal.role.as_str()))
    }

    #[must_use]
    pub fn style(&self) -> &'static str {
        &ASSETS[0].url
    }

    #[must_use]
    pub fn script(&self) -> &'static str {
        &ASSETS[1].url
    }

    #[must_use]
    pub fn mark(&self) -> &'static str {
        &ASSETS[2].url
    }
}

/// The first page of somebody who signs in.
#[must_use]
pub fn first_page(principal: &Principal) -> &'static str {
    let is_open = |place: &&Place| place.door.is_open_to(principal);
    // Whoever looks after others' work begins with how far it has come.
    let begins_with_figures = principal.role != Role::Clerk;
    let figures = PLACES.iter().find(|place| begins_with_figures && place.path == "/overview").filter(is_open);
    let first = figures.or_else(|| PLACES.iter().find(is_open));
    first.map_or("/docs", |place| place.path)
}
