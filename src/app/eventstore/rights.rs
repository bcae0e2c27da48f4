//! Who may do what with which stream through the event store protocol.

use super::StreamsError;
use super::metadata::AccessList;
use crate::app::access::{Action, Principal, Reach, Role};

/// Streams that our own rules write; a name's category is what stands before its first `-`.
const OWN: [&str; 14] = [
    "approval",
    "audit",
    "bank",
    "beneficiary",
    "desk",
    "figure",
    "import",
    "inbox",
    "list",
    "payment",
    "personal",
    "recovery",
    "target",
    "webhook",
];

/// Before the name of the stream whose metadata it holds.
const METADATA_PREFIX: &str = "$$";

/// Whether a stream is of a category that our own rules write.
#[must_use]
pub fn is_own(stream: &str) -> bool {
    stream.split_once('-').is_some_and(|(category, _)| OWN.contains(&category))
}

/// The stream whose metadata a stream holds, if it holds any.
#[must_use]
pub fn described(stream: &str) -> Option<&str> {
    stream.strip_prefix(METADATA_PREFIX)
}

/// The stream that holds a stream's metadata.
#[must_use]
pub fn metadata_stream(stream: &str) -> String {
    format!("{METADATA_PREFIX}{stream}")
}

/// What is done with a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    Read,
    Write,
    Delete,
    ReadMetadata,
    WriteMetadata,
}

/// Who calls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamCaller {
    /// A key.
    Key(Principal),
    /// Anybody, in a sandbox that lets them in.
    Anyone,
}

impl StreamCaller {
    /// Who acted, for what is recorded.
    #[must_use]
    pub fn actor(&self) -> &str {
        match self {
            Self::Key(principal) => &principal.key_id,
            Self::Anyone => "anyone",
        }
    }

    /// Whether the caller may read the log at all.
    pub fn check_reader(&self) -> Result<(), StreamsError> {
        match self {
            Self::Key(principal) if principal.reach(Action::ReadEvents) == Reach::Nothing => {
                Err(StreamsError::AccessDenied("this key may not read the log"))
            }
            Self::Key(_) | Self::Anyone => Ok(()),
        }
    }

    /// Whether the caller may write to a stream of this name at all.
    pub fn check_writer(&self, stream: &str) -> Result<(), StreamsError> {
        let base = described(stream).unwrap_or(stream);
        if is_own(base) {
            return Err(StreamsError::AccessDenied(
                "streams of this category are written by the rules behind the REST API",
            ));
        }
        if base.starts_with('$') {
            return Err(StreamsError::AccessDenied("streams whose names begin with $ are the server's"));
        }
        match self {
            Self::Key(principal) if principal.reach(Action::AppendEvents) == Reach::Nothing => {
                Err(StreamsError::AccessDenied("this key may not append to streams"))
            }
            Self::Key(_) | Self::Anyone => Ok(()),
        }
    }

    /// Whether the caller may make, change and end groups of consumers, and have them begin again: whoever may append.
    pub fn check_group_keeper(&self) -> Result<(), StreamsError> {
        match self {
            Self::Key(principal) if principal.reach(Action::AppendEvents) == Reach::Nothing => {
                Err(StreamsError::AccessDenied("this key may not change persistent subscriptions"))
            }
            Self::Key(_) | Self::Anyone => Ok(()),
        }
    }

    /// Whether a stream's access list lets the caller do this. Who manages the log may do all, as may anybody where no list stands.
    pub fn check_list(&self, list: Option<&AccessList>, deed: Deed) -> Result<(), StreamsError> {
        let Some(names) = list.and_then(|list| list.names(deed)) else { return Ok(()) };
        let allowed = match self {
            Self::Anyone => names.iter().any(|name| name == "$all"),
            Self::Key(principal) => {
                principal.role == Role::Supervisor
                    || names
                        .iter()
                        .any(|name| name == "$all" || *name == principal.key_id || name == principal.role.as_str())
            }
        };
        if allowed {
            Ok(())
        } else {
            Err(StreamsError::AccessDenied("the stream's access list does not name the caller"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_category_is_what_stands_before_the_first_dash() {
        for stream in ["payment-1", "list-a-b", "webhook-"] {
            assert!(is_own(stream), "{stream}");
        }
        for stream in ["payment", "payments-1", "$payment-1", "order-payment-1", ""] {
            assert!(!is_own(stream), "{stream}");
        }
    }

    #[test]
    fn nobody_writes_to_our_streams_their_metadata_or_the_server_s() {
        for stream in ["payment-1", "$$payment-1", "$ce-payment", "$$$ce-payment", "$$$$free"] {
            assert!(StreamCaller::Anyone.check_writer(stream).is_err(), "{stream}");
        }
        for stream in ["free", "free-1", "$$free"] {
            assert_eq!(StreamCaller::Anyone.check_writer(stream), Ok(()), "{stream}");
        }
    }

    #[test]
    fn a_list_without_names_for_a_deed_allows_nobody_but_who_manages_the_log() {
        let list = AccessList::of([(Deed::Write, vec!["0123456789ab".to_owned()]), (Deed::Delete, Vec::new())]);
        let key = |id: &str, role| StreamCaller::Key(Principal { key_id: id.to_owned(), role, unit: None, bank: None });
        assert!(key("0123456789ab", Role::Clerk).check_list(Some(&list), Deed::Write).is_ok());
        assert!(key("ffffffffffff", Role::Clerk).check_list(Some(&list), Deed::Write).is_err());
        assert!(key("0123456789ab", Role::Clerk).check_list(Some(&list), Deed::Delete).is_err());
        assert!(key("ffffffffffff", Role::Supervisor).check_list(Some(&list), Deed::Delete).is_ok());
        assert!(StreamCaller::Anyone.check_list(Some(&list), Deed::Write).is_err());
        assert!(StreamCaller::Anyone.check_list(Some(&list), Deed::Read).is_ok());
    }
}
