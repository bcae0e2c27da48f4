//! The cursor of a list of payments: a position of the log in base 36, opaque to callers.

/// The cursor of the page after a position.
#[must_use]
pub fn of(position: u64) -> String {
    let mut digits = Vec::new();
    let mut number = position;
    loop {
        let digit = u32::try_from(number % 36).unwrap_or(0);
        digits.push(char::from_digit(digit, 36).unwrap_or('0'));
        number /= 36;
        if number == 0 {
            digits.push('p');
            return digits.into_iter().rev().collect();
        }
    }
}

/// The position that a cursor names. One beyond what a log can hold was not given by us.
#[must_use]
pub fn position(text: &str) -> Option<u64> {
    let position = u64::from_str_radix(text.strip_prefix('p')?, 36).ok()?;
    i64::try_from(position).is_ok().then_some(position)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back_as_the_position_it_was_made_of() {
        for at in [0, 1, 35, 36, 1_000_000, i64::MAX.unsigned_abs()] {
            assert_eq!(position(&of(at)), Some(at));
        }
        assert_eq!(position(&of(i64::MAX.unsigned_abs() + 1)), None);
        assert_eq!(position("1"), None);
    }
}
