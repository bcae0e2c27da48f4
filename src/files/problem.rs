//! What is wrong with one value or one row, said so that a clerk can mend it. No file-level errors here.

use std::borrow::Cow;

/// A language in which reports speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Vietnamese.
    Vietnamese,
}

/// One thing that is wrong, what would have been right, and how to mend it. Never holds a personal value; an amount it may quote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// Stable name, for programs.
    pub code: &'static str,
    /// What would have been accepted.
    pub expected: Cow<'static, str>,
    /// What is wrong and how to mend it, in English.
    pub message: Cow<'static, str>,
    /// The same in Vietnamese.
    pub message_vi: Cow<'static, str>,
}

impl Problem {
    /// A problem from its four parts.
    pub fn new(
        code: &'static str,
        expected: impl Into<Cow<'static, str>>,
        message: impl Into<Cow<'static, str>>,
        message_vi: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { code, expected: expected.into(), message: message.into(), message_vi: message_vi.into() }
    }

    /// The message in a language.
    #[must_use]
    pub fn message_in(&self, language: Language) -> &str {
        match language {
            Language::English => &self.message,
            Language::Vietnamese => &self.message_vi,
        }
    }
}

/// A problem of a row, with the column and the value it was found in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowProblem {
    /// The canonical column; `None` when the row as a whole is wrong.
    pub column: Option<String>,
    /// The value as it stands in the file; to be masked before it is shown.
    pub found: String,
    /// What is wrong with it.
    pub problem: Problem,
}
