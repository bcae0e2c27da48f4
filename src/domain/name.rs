//! Comparing a person's name with what a bank calls the holder of an account. Banks write capitals without tone marks.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What a comparison gave. Never a reason to refuse by itself: names are written in many ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameMatch {
    /// Letter by letter, spacing aside.
    Exact,
    /// The same without capitals and tone marks.
    FoldedEqual,
    Different,
    /// The bank did not answer, or no name is held to compare with.
    Unavailable,
}

impl NameMatch {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Exact, Self::FoldedEqual, Self::Different, Self::Unavailable];

    /// The word in JSON and SQL.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::FoldedEqual => "folded_equal",
            Self::Different => "different",
            Self::Unavailable => "unavailable",
        }
    }

    /// Reads the word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|result| result.as_str() == text)
    }
}

/// Compares two names. An empty one cannot be compared.
#[must_use]
pub fn compare_names(ours: &str, theirs: &str) -> NameMatch {
    let (own, other) = (spaced(ours), spaced(theirs));
    if own.is_empty() || other.is_empty() {
        NameMatch::Unavailable
    } else if own == other {
        NameMatch::Exact
    } else if fold_name(&own) == fold_name(&other) {
        NameMatch::FoldedEqual
    } else {
        NameMatch::Different
    }
}

/// A name in composed form, with one space between its parts.
fn spaced(name: &str) -> String {
    let composed: String = name.nfc().collect();
    composed.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A name as a bank writes it: no tone or vowel marks, d for d-bar, one case, one space between parts.
#[must_use]
pub fn fold_name(name: &str) -> String {
    let plain = name.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    // The bar of d-bar is part of the letter and does not come apart; Eth looks the same in capitals and is typed for it.
    let plain: String = plain.map(|c| if matches!(c, 'đ' | 'ð') { 'd' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_letters_are_exact_whatever_their_form_and_spacing() {
        assert_eq!(compare_names("Nguyễn Thị Tám", " Nguyễn  Thị\u{a0}Tám "), NameMatch::Exact);
        let decomposed: String = "Nguyễn Thị Tám".nfd().collect();
        assert_eq!(compare_names("Nguyễn Thị Tám", &decomposed), NameMatch::Exact);
    }

    #[test]
    fn capitals_without_tone_marks_are_equal_when_folded() {
        assert_eq!(compare_names("Nguyễn Thị Tám", "NGUYEN THI TAM"), NameMatch::FoldedEqual);
        assert_eq!(compare_names("Hoà Thuận", "Hòa Thuận"), NameMatch::FoldedEqual, "two ways to place the mark");
    }

    #[test]
    fn d_bar_folds_to_d_in_both_cases_and_from_its_look_alike() {
        assert_eq!(compare_names("Đỗ Văn Đạt", "DO VAN DAT"), NameMatch::FoldedEqual);
        assert_eq!(compare_names("đỗ văn đạt", "Ðỗ Văn Ðạt"), NameMatch::FoldedEqual, "Eth for d-bar");
        assert_eq!(fold_name("ĐẶNG  Đình"), "dang dinh");
    }

    #[test]
    fn horned_and_hatted_vowels_fold_to_plain_ones() {
        assert_eq!(fold_name("Trương Ưu Ơn Âu Ăn Êm Ôn"), "truong uu on au an em on");
    }

    #[test]
    fn another_part_or_order_is_different() {
        assert_eq!(compare_names("Nguyễn Thị Tám", "NGUYEN TAM"), NameMatch::Different);
        assert_eq!(compare_names("Nguyễn Thị Tám", "TAM NGUYEN THI"), NameMatch::Different);
        assert_eq!(compare_names("Lê An", "LEAN"), NameMatch::Different, "spaces are collapsed, not removed");
    }

    #[test]
    fn without_a_name_on_one_side_nothing_is_compared() {
        assert_eq!(compare_names("", "NGUYEN"), NameMatch::Unavailable);
        assert_eq!(compare_names("Nguyễn", "  "), NameMatch::Unavailable);
    }

    #[test]
    fn every_result_has_a_word_that_reads_back() {
        for result in NameMatch::ALL {
            assert_eq!(NameMatch::parse(result.as_str()), Some(result));
            assert_eq!(serde_json::to_value(result).unwrap(), result.as_str());
        }
    }
}
