//! Masks: what a reader without the right to see a value sees of it. Never enough to use it.

/// How a value is masked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mask {
    /// Characters shown at the start.
    pub first: usize,
    /// Characters shown at the end.
    pub last: usize,
    /// One star for each hidden character, so that the length shows; otherwise always four.
    pub keep_length: bool,
}

impl Mask {
    /// `049*******12`: for identifiers, whose length is known anyway.
    pub const IDENTIFIER: Self = Self { first: 3, last: 2, keep_length: true };
    /// `****1234`: for accounts.
    pub const ACCOUNT: Self = Self { first: 0, last: 4, keep_length: false };
    /// `N****`: for names and anything unknown.
    pub const NAME: Self = Self { first: 1, last: 0, keep_length: false };

    /// The mask for a kind of value. A profile may have its own; this is what holds without one.
    #[must_use]
    pub fn of(scheme: &str) -> Self {
        match scheme {
            "personal_id" | "si_number" => Self::IDENTIFIER,
            "account" => Self::ACCOUNT,
            _ => Self::NAME,
        }
    }

    /// Masks a value. When fewer characters would be hidden than shown, and never fewer than four, nothing is shown at all.
    #[must_use]
    pub fn apply(self, value: &str) -> String {
        let length = value.chars().count();
        let shown = self.first + self.last;
        let hidden = length.saturating_sub(shown);
        let starred = |count: usize| "*".repeat(if self.keep_length { count } else { 4 });
        if length == 0 {
            return String::new();
        }
        if hidden < 4 || hidden < shown {
            return starred(length);
        }
        let start: String = value.chars().take(self.first).collect();
        let end: String = value.chars().skip(length - self.last).collect();
        format!("{start}{}{end}", starred(hidden))
    }
}

/// Masks a value by its kind.
#[must_use]
pub fn mask(scheme: &str, value: &str) -> String {
    Mask::of(scheme).apply(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_keeps_its_length_its_first_three_and_last_two_digits() {
        assert_eq!(mask("personal_id", "049123456712"), "049*******12");
    }

    #[test]
    fn an_account_shows_its_last_four_digits_only() {
        assert_eq!(mask("account", "00123451234"), "****1234");
    }

    #[test]
    fn a_name_shows_its_first_letter_only() {
        assert_eq!(mask("name", "Đặng Thị Tám"), "Đ****");
    }

    #[test]
    fn a_value_too_short_to_hide_most_of_it_is_hidden_whole() {
        assert_eq!(mask("account", "1234567"), "****");
        assert_eq!(mask("personal_id", "12345678"), "********");
        assert_eq!(mask("name", "Tám"), "****");
        assert_eq!(mask("account", ""), "");
    }
}
