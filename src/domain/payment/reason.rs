//! Which texts that an agent gives as a reason are codes, and may stand in the log for ever. Everything else may name a person.

/// The code for a reason that is told in words: ISO 20022's for a narrative.
pub const NARRATIVE: &str = "NARR";

const LENGTH_MAX: usize = 12;
/// Identity and account numbers have more.
const DIGITS_MAX: usize = 5;

/// Whether a text has the shape of a code: short, one word, capital letters and digits, beginning with a letter, and either as short as
/// an ISO 20022 code or with a digit, so that no name is taken for one.
#[must_use]
pub fn is_code(text: &str) -> bool {
    let shaped = text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.'));
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    shaped
        && text.len() <= LENGTH_MAX
        && text.starts_with(|first: char| first.is_ascii_uppercase())
        && digits <= DIGITS_MAX
        && (text.len() <= 4 || digits > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_iso_and_of_banks_are_codes() {
        for text in ["AC04", "NOAS", "ACSP", "E17", "BANK-0017", "VCB_12"] {
            assert!(is_code(text), "{text}");
        }
    }

    #[test]
    fn words_names_and_numbers_are_not() {
        for text in
            ["", "NGUYEN", "Nguyễn", "closed account", "0123456789", "A0123456789", "123", "ac04", "NGUYEN-THI-A1X2"]
        {
            assert!(!is_code(text), "{text}");
        }
    }
}
