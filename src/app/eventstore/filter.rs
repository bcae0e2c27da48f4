//! Which events of the log a reader wants: by stream or type, by prefixes or by a regular expression.

use super::{RecordedEvent, StreamsError};
use fancy_regex::{Regex, RegexBuilder};

/// Steps back that one match may take.
const BACKTRACKS_MAX: usize = 100_000;
/// The longest expression.
const REGEX_BYTES_MAX: usize = 4096;
/// The most prefixes.
const PREFIXES_MAX: usize = 1000;

/// What of an event is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Stream,
    Type,
}

#[derive(Debug, Clone)]
enum Pattern {
    Regex(Box<Regex>),
    Prefixes(Vec<String>),
}

/// A reader's choice. The default wants all.
#[derive(Debug, Clone, Default)]
pub struct Filter(Option<(Part, Pattern)>);

impl Filter {
    /// By a regular expression, found anywhere in the text, or by prefixes.
    pub fn new(part: Part, regex: &str, prefixes: Vec<String>) -> Result<Self, StreamsError> {
        let pattern = match (regex.is_empty(), prefixes.is_empty()) {
            (false, true) => Pattern::Regex(Box::new(compiled(regex)?)),
            (true, false) if prefixes.len() <= PREFIXES_MAX => Pattern::Prefixes(prefixes),
            (true, false) => {
                return Err(StreamsError::Invalid(format!("A filter has at most {PREFIXES_MAX} prefixes.")));
            }
            (true, true) => {
                return Err(StreamsError::Invalid("A filter needs a regular expression or prefixes.".to_owned()));
            }
            (false, false) => {
                return Err(StreamsError::Invalid(
                    "A filter has a regular expression or prefixes, not both.".to_owned(),
                ));
            }
        };
        Ok(Self(Some((part, pattern))))
    }

    /// Whether it wants all.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        self.0.is_none()
    }

    /// Whether it wants an event.
    pub fn wants(&self, event: &RecordedEvent) -> Result<bool, StreamsError> {
        let Some((part, pattern)) = &self.0 else { return Ok(true) };
        let text = match part {
            Part::Stream => event.stream.as_str(),
            Part::Type => event.event_type.as_str(),
        };
        match pattern {
            Pattern::Prefixes(prefixes) => Ok(prefixes.iter().any(|prefix| text.starts_with(prefix.as_str()))),
            Pattern::Regex(regex) => regex.is_match(text).map_err(|_| {
                StreamsError::Invalid(
                    "The filter's regular expression takes too many steps; write a simpler one.".to_owned(),
                )
            }),
        }
    }
}

fn compiled(regex: &str) -> Result<Regex, StreamsError> {
    if regex.len() > REGEX_BYTES_MAX {
        return Err(StreamsError::Invalid(format!(
            "A filter's regular expression has at most {REGEX_BYTES_MAX} bytes."
        )));
    }
    let built = RegexBuilder::new(regex).backtrack_limit(BACKTRACKS_MAX).build();
    built.map_err(|error| StreamsError::Invalid(format!("The filter's regular expression cannot be read: {error}.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(stream: &str, event_type: &str) -> RecordedEvent {
        RecordedEvent {
            position: 1,
            stream: stream.to_owned(),
            revision: 0,
            event_id: uuid::Uuid::nil(),
            event_type: event_type.to_owned(),
            schema_version: 1,
            recorded_at_us: 0,
            data: Vec::new(),
            metadata: Vec::new(),
            leaf_hash: [0; 32],
        }
    }

    fn wants(part: Part, regex: &str, stream: &str, event_type: &str) -> bool {
        Filter::new(part, regex, Vec::new()).unwrap().wants(&event(stream, event_type)).unwrap()
    }

    #[test]
    fn an_expression_is_found_anywhere_and_may_look_ahead() {
        assert!(wants(Part::Stream, "ree", "free-1", "T"));
        assert!(!wants(Part::Type, "^ree", "free-1", "T"));
        let no_system = r"^(?!(\$.+|PersistentConfig\d+)$).*";
        assert!(wants(Part::Type, no_system, "s", "OrderPlaced"));
        assert!(!wants(Part::Type, no_system, "s", "$metadata"));
        assert!(!wants(Part::Type, no_system, "s", "PersistentConfig1"));
    }

    #[test]
    fn prefixes_are_of_the_part_that_is_looked_at() {
        let filter = Filter::new(Part::Stream, "", vec!["a-".to_owned(), "b-".to_owned()]).unwrap();
        assert!(filter.wants(&event("b-1", "a-")).unwrap());
        assert!(!filter.wants(&event("c-1", "a-")).unwrap());
    }

    #[test]
    fn what_is_no_filter_is_refused_and_says_why() {
        for (regex, prefixes) in [("", vec![]), ("a", vec!["b".to_owned()]), ("(", vec![])] {
            assert!(matches!(Filter::new(Part::Type, regex, prefixes), Err(StreamsError::Invalid(_))));
        }
        let long = "a".repeat(REGEX_BYTES_MAX + 1);
        assert!(matches!(Filter::new(Part::Type, &long, vec![]), Err(StreamsError::Invalid(_))));
        assert!(matches!(
            Filter::new(Part::Type, "", vec![String::new(); PREFIXES_MAX + 1]),
            Err(StreamsError::Invalid(_))
        ));
    }

    #[test]
    fn an_expression_that_would_never_end_is_given_up() {
        let filter = Filter::new(Part::Stream, "^(a|b|ab)*(?>c)", Vec::new()).unwrap();
        let stream = format!("{}dc", "ab".repeat(60));
        assert!(matches!(filter.wants(&event(&stream, "T")), Err(StreamsError::Invalid(_))));
    }
}
