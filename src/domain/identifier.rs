//! Checking and masking personal identifiers by the profile's schemes. Nothing here keeps or looks up a value.

use crate::domain::beneficiary::event::Sex;
use crate::domain::profile::{Alphabet, BirthDigits, HolderFacts, IdentifierScheme};

/// Text that is not an identifier of the scheme. It never repeats the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidIdentifier {
    #[error("{scheme} has {expected} characters, not {found}; a spreadsheet may have dropped leading zeros")]
    Length { scheme: String, expected: String, found: usize },
    #[error("{scheme} has {expected} only")]
    Characters { scheme: String, expected: &'static str },
}

impl InvalidIdentifier {
    /// The stable code used in problem documents and reports.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Length { .. } => "identifier-length",
            Self::Characters { .. } => "identifier-characters",
        }
    }
}

/// What looks odd in a valid identifier. A person may have it right and the office wrong: never a reason to refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IdentifierWarning {
    /// The number says another sex than the record.
    SexDiffers,
    /// The number says another birth year than the record.
    BirthYearDiffers,
}

impl IdentifierWarning {
    /// The stable code used in reports.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::SexDiffers => "identifier-sex-differs",
            Self::BirthYearDiffers => "identifier-birth-year-differs",
        }
    }
}

/// Checks an identifier and compares it with what is known of its holder. Answers the value to keep and the warnings.
pub fn validate_identifier(
    scheme: &IdentifierScheme,
    text: &str,
    holder: HolderFacts,
) -> Result<(String, Vec<IdentifierWarning>), InvalidIdentifier> {
    let value: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let (allowed, expected): (fn(u8) -> bool, _) = match scheme.alphabet {
        Alphabet::Digits => (|b| b.is_ascii_digit(), "digits"),
        Alphabet::Alphanumeric => (|b| b.is_ascii_alphanumeric(), "digits and letters"),
        Alphabet::Visible => (|b| b.is_ascii_graphic(), "visible ASCII characters"),
    };
    if !value.bytes().all(allowed) {
        return Err(InvalidIdentifier::Characters { scheme: scheme.code.to_string(), expected });
    }
    if !(scheme.length_min..=scheme.length_max).contains(&value.len()) {
        let expected = if scheme.length_min == scheme.length_max {
            scheme.length_min.to_string()
        } else {
            format!("{} to {}", scheme.length_min, scheme.length_max)
        };
        return Err(InvalidIdentifier::Length { scheme: scheme.code.to_string(), expected, found: value.len() });
    }
    let warnings = scheme.birth_digits.map_or_else(Vec::new, |digits| warnings(&value, digits, holder));
    Ok((value, warnings))
}

/// Fewest digits of an identity number (the old card's nine).
const NUMBER_DIGITS_MIN: usize = 9;

/// Whether a text that people wrote has a number in it as long as an identity or account number, also in groups of three or more
/// digits. Days and amounts of money are shorter, or in shorter groups.
#[must_use]
pub fn has_long_number(text: &str) -> bool {
    let mut digits = 0;
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let joined = start == 1 && rest.starts_with([' ', '.', '-']);
        let group = rest[start..].bytes().take_while(u8::is_ascii_digit).count();
        digits = if joined && group >= 3 && digits >= 3 { digits + group } else { group };
        if digits >= NUMBER_DIGITS_MIN {
            return true;
        }
        rest = &rest[start + group..];
    }
    false
}

fn warnings(value: &str, digits: BirthDigits, holder: HolderFacts) -> Vec<IdentifierWarning> {
    let mut found = Vec::new();
    let digit = |position: usize| value.as_bytes().get(position - 1).map(|b| i16::from(b.saturating_sub(b'0')));
    let Some(century_sex) = digit(digits.century_sex_position) else { return found };
    let sex = if century_sex % 2 == 0 { Sex::Male } else { Sex::Female };
    if holder.sex.is_some_and(|known| known != sex) {
        found.push(IdentifierWarning::SexDiffers);
    }
    let year = year_in(value, digits);
    if holder.birth_year.zip(year).is_some_and(|(known, year)| known != year) {
        found.push(IdentifierWarning::BirthYearDiffers);
    }
    found
}

fn year_in(value: &str, digits: BirthDigits) -> Option<i16> {
    let digit = |position: usize| {
        let byte = value.as_bytes().get(position.checked_sub(1)?)?;
        byte.is_ascii_digit().then(|| i16::from(byte - b'0'))
    };
    let century = digits.first_century + digit(digits.century_sex_position)? / 2 * 100;
    Some(century + digit(digits.year_position)? * 10 + digit(digits.year_position + 1)?)
}

/// The birth year that an identifier says, if its scheme writes one into the number.
#[must_use]
pub fn birth_year(scheme: &IdentifierScheme, value: &str) -> Option<i16> {
    year_in(value, scheme.birth_digits?)
}

/// The value with all but its first and last few characters hidden, as the scheme says.
#[must_use]
pub fn mask(scheme: &IdentifierScheme, value: &str) -> String {
    let length = value.chars().count();
    // Too short to hide anything: hide everything.
    let (first, last) =
        if length > scheme.mask_first + scheme.mask_last { (scheme.mask_first, scheme.mask_last) } else { (0, 0) };
    value.chars().enumerate().map(|(i, c)| if i < first || i >= length - last { c } else { '*' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::profile::Profile;

    fn check(text: &str, holder: HolderFacts) -> Result<(String, Vec<IdentifierWarning>), InvalidIdentifier> {
        validate_identifier(Profile::vietnam().identifier("personal_id").unwrap(), text, holder)
    }

    const UNKNOWN: HolderFacts = HolderFacts { sex: None, birth_year: None };

    #[test]
    fn a_personal_id_has_twelve_digits_and_keeps_its_zeros() {
        assert_eq!(check(" 049 155 000 012", UNKNOWN), Ok(("049155000012".to_owned(), vec![])));
        assert!(matches!(check("49155000012", UNKNOWN), Err(InvalidIdentifier::Length { found: 11, .. })));
        assert!(matches!(check("04915500001x", UNKNOWN), Err(InvalidIdentifier::Characters { .. })));
    }

    #[test]
    fn digits_of_sex_and_year_that_differ_from_the_record_warn_and_do_not_refuse() {
        let holder = HolderFacts { sex: Some(Sex::Female), birth_year: Some(1955) };
        assert_eq!(check("049155000012", holder).unwrap().1, vec![]);
        let holder = HolderFacts { sex: Some(Sex::Male), birth_year: Some(1956) };
        let both = vec![IdentifierWarning::SexDiffers, IdentifierWarning::BirthYearDiffers];
        assert_eq!(check("049155000012", holder).unwrap().1, both);
    }

    #[test]
    fn a_long_number_is_found_in_words_and_a_day_is_not() {
        for text in ["CCCD 049155000012", "tk 0071 0003 4567 bị đóng", "049.155.000.012", "1-234-567-890", "123456789"]
        {
            assert!(has_long_number(text), "{text}");
        }
        for text in
            ["", "ngày 2025-03-05, 2025-03-07", "số 118/QD 2025", "5.000.000 đồng", "12345678", "05/03/2025 10:30:00"]
        {
            assert!(!has_long_number(text), "{text}");
        }
    }

    #[test]
    fn the_birth_year_is_read_where_the_scheme_writes_it() {
        let profile = Profile::vietnam();
        let year = |scheme, value| birth_year(profile.identifier(scheme).unwrap(), value);
        assert_eq!(year("personal_id", "049155000012"), Some(1955));
        assert_eq!(year("personal_id", "049203000012"), Some(2003));
        assert_eq!(year("personal_id", "049"), None);
        assert_eq!(year("si_number", "4900123456"), None, "says nothing of it");
    }

    #[test]
    fn the_century_stands_in_the_fourth_digit() {
        let holder = HolderFacts { sex: Some(Sex::Male), birth_year: Some(2003) };
        assert_eq!(check("049203000012", holder).unwrap().1, vec![]);
    }

    #[test]
    fn a_refusal_does_not_repeat_the_number() {
        let text = check("4915500", UNKNOWN).unwrap_err().to_string();
        assert!(!text.contains("4915500"), "{text}");
    }

    #[test]
    fn a_mask_shows_three_and_two_digits_of_a_personal_id() {
        let profile = Profile::vietnam();
        let scheme = profile.identifier("personal_id").unwrap();
        assert_eq!(mask(scheme, "049155000012"), "049*******12");
        assert_eq!(mask(scheme, "049"), "***");
    }
}
