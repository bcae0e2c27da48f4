//! Bytes as hexadecimal digits, and back: digests, keys, seals. And text for addresses, where what is not allowed there is written so.

/// Lower-case digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// Reads lower-case or upper-case digits.
#[must_use]
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let bytes = text.as_bytes();
    if !bytes.len().is_multiple_of(2) {
        return None;
    }
    bytes.chunks_exact(2).map(|pair| u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()).collect()
}

/// A text for an address: letters, digits and what else is `allowed` as they are, other bytes as `%` with their digits.
#[must_use]
pub fn percent(text: &str, allowed: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || allowed.contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push_str(&hex(&[byte]).to_uppercase());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{hex, percent, unhex};

    #[test]
    fn hexadecimal_goes_both_ways_and_nothing_else_is_read() {
        let bytes: Vec<u8> = (0..=255).collect();
        assert_eq!(unhex(&hex(&bytes)), Some(bytes));
        assert_eq!(hex(&[0x0f, 0xa0]), "0fa0");
        for text in ["0", "0g", "+1", "é0", "é"] {
            assert_eq!(unhex(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_not_allowed_in_an_address_is_written_in_digits() {
        assert_eq!(percent("a b/ẽ~%", b"~"), "a%20b%2F%E1%BA%BD~%25");
        assert_eq!(percent("/a?b", b"/"), "/a%3Fb");
    }
}
