//! What is expected of each operation, written by hand: who may, how far, and how the others are turned away. It knows nothing of the
//! product's own table of access, so that a cell that is changed there by mistake is found here.

use super::callers::{Caller, Place};
use chitra::app::access::Role;

/// How the units and the bank of an object, or of a question, are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Wherever the key's units lie, whatever its bank: the answer is cut to them, or belongs to nobody.
    Any,
    /// The object's must be the key's.
    Judged,
    /// Only keys without a unit.
    Whole,
}

/// The two together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Nobody needs a key.
    Open,
    /// What is sent must be signed: no key helps.
    Signed,
    /// Every key of the role, whatever it is limited to.
    Keyed,
    /// By units, and by the bank for banks' keys.
    By(Rule, Rule),
}

/// An object of a unit and a bank.
pub const OBJECT: Scope = Scope::By(Rule::Judged, Rule::Judged);
/// A list or figure that is cut to what the caller reaches.
pub const CUT: Scope = Scope::By(Rule::Any, Rule::Any);
/// The same asked of one unit.
pub const OF_UNIT: Scope = Scope::By(Rule::Judged, Rule::Any);
/// The same asked of one bank.
pub const OF_BANK: Scope = Scope::By(Rule::Any, Rule::Judged);
/// What cannot be cut by unit; banks see their own.
pub const WHOLE: Scope = Scope::By(Rule::Whole, Rule::Any);
/// An object that belongs to a bank as a whole.
pub const WHOLE_OF_BANK: Scope = Scope::By(Rule::Whole, Rule::Judged);

/// What a request needs to be about something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// An object of the scene, by its name there; empty for none.
    Known(&'static str),
    Person,
    Suspended,
    Authorised,
    Identified,
    Payment,
    Settled,
    Held,
    Failed,
    Contradicted,
    Desk,
    Advanced,
    List,
    Checked,
    Submitted,
    Stopped,
    Settling,
    Reconciled,
    Recovery,
    Approval,
    Import,
    Message,
    Webhook,
    Delivered,
    Target,
    NewBank,
    Bank,
    Key,
    /// A key whose secret waits for whoever asked.
    AskedKey,
}

/// What is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    Nothing,
    Json(&'static str),
    File(&'static str),
}

/// A row of the table of expectations. In queries and bodies `$name` stands for a member of what was made.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    pub id: &'static str,
    /// Clerk, Supervisor, aNalyst, Bank, Auditor, Operator: those who may.
    pub roles: &'static str,
    pub scope: Scope,
    pub made: Made,
    pub query: &'static str,
    pub sent: Sent,
    /// The day in the path, where there is one.
    pub date: &'static str,
    pub done: u16,
    /// How an object out of reach is refused.
    pub out: (u16, &'static str),
    /// Roles of which every key reaches everything.
    pub everywhere: &'static str,
    /// Roles that are refused otherwise than by `role-not-allowed`, before it is asked what they reach.
    pub but: (&'static str, u16, &'static str),
    /// Roles that are refused so what they reach.
    pub then: (&'static str, u16, &'static str),
    /// The name of an object of the scene that an answer must show when it is in reach, and must not when it is not.
    pub shows: &'static str,
}

const fn row(id: &'static str, roles: &'static str, scope: Scope) -> Row {
    Row {
        id,
        roles,
        scope,
        made: Made::Known(""),
        query: "",
        sent: Sent::Nothing,
        date: "2025-03-04",
        done: 200,
        out: (403, "out-of-your-units"),
        everywhere: "",
        but: ("", 0, ""),
        then: ("", 0, ""),
        shows: "",
    }
}

/// An operation that reads.
pub const fn read(id: &'static str, roles: &'static str, scope: Scope) -> Row {
    row(id, roles, scope)
}

/// An operation that takes JSON and records something.
pub const fn write(id: &'static str, roles: &'static str, body: &'static str) -> Row {
    let mut row = row(id, roles, OBJECT);
    (row.sent, row.done) = (Sent::Json(body), 201);
    row
}

/// A figure of one unit that analysts do not read, since it is not published.
pub const fn unpublished(id: &'static str, query: &'static str) -> Row {
    row(id, "CSA", OF_UNIT).asks(query).but("N", 403, "published-figures-only")
}

impl Row {
    pub const fn of(mut self, made: Made) -> Self {
        self.made = made;
        self
    }

    pub const fn on(mut self, known: &'static str) -> Self {
        self.made = Made::Known(known);
        self
    }

    pub const fn within(mut self, scope: Scope) -> Self {
        self.scope = scope;
        self
    }

    pub const fn asks(mut self, query: &'static str) -> Self {
        self.query = query;
        self
    }

    pub const fn file(mut self, content: &'static str) -> Self {
        self.sent = Sent::File(content);
        self
    }

    pub const fn day(mut self, date: &'static str) -> Self {
        self.date = date;
        self
    }

    pub const fn done(mut self, status: u16) -> Self {
        self.done = status;
        self
    }

    pub const fn out(mut self, status: u16, code: &'static str) -> Self {
        self.out = (status, code);
        self
    }

    pub const fn everywhere(mut self, roles: &'static str) -> Self {
        self.everywhere = roles;
        self
    }

    pub const fn but(mut self, roles: &'static str, status: u16, code: &'static str) -> Self {
        self.but = (roles, status, code);
        self
    }

    pub const fn then(mut self, roles: &'static str, status: u16, code: &'static str) -> Self {
        self.then = (roles, status, code);
        self
    }

    pub const fn shows(mut self, name: &'static str) -> Self {
        self.shows = name;
        self
    }

    /// What this caller must be answered: `None` for what was asked, otherwise the refusal.
    pub fn refusal(&self, caller: &Caller) -> Option<(u16, &'static str)> {
        match self.scope {
            Scope::Open => return None,
            Scope::Signed => return Some((401, "signature-missing")),
            Scope::Keyed | Scope::By(..) => {}
        }
        let Some(role) = caller.role else { return Some((401, "unauthenticated")) };
        let letter = letter(role);
        if caller.place == Place::Nowhere && self.scope != Scope::Keyed {
            return Some((403, "role-not-allowed"));
        }
        if self.but.0.contains(letter) {
            return Some((self.but.1, self.but.2));
        }
        if !self.roles.contains(letter) {
            return Some((403, "role-not-allowed"));
        }
        let Scope::By(units, bank) = self.scope else { return None };
        if self.everywhere.contains(letter) {
            return None;
        }
        let rule = if role == Role::Bank { bank } else { units };
        let is_in_reach = match rule {
            Rule::Any => true,
            Rule::Judged => caller.place != Place::Other,
            Rule::Whole => caller.place == Place::All,
        };
        let kept = self.then.0.contains(letter).then_some((self.then.1, self.then.2));
        if is_in_reach { kept } else { Some(self.out) }
    }

    /// Whether a refusal is the report of a file, which names the code row by row.
    pub const fn is_report(&self) -> bool {
        matches!(self.sent, Sent::File(_))
    }
}

/// How the table calls a role.
pub const fn letter(role: Role) -> char {
    match role {
        Role::Clerk => 'C',
        Role::Supervisor => 'S',
        Role::Analyst => 'N',
        Role::Bank => 'B',
        Role::Auditor => 'A',
        Role::Operator => 'O',
    }
}
