//! The shape of account numbers. Whether an account exists and whose it is, only its bank can say.

use crate::domain::profile::{BankKind, BankSpec};

/// Text that cannot be an account number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAccount {
    #[error("an account number has 6 to 19 characters")]
    Length,
    #[error("an account number has digits and letters only")]
    Characters,
    #[error("the number was changed by a spreadsheet; format the column as text and enter it again")]
    SpreadsheetNumber,
}

impl InvalidAccount {
    /// The stable code used in problem documents and reports.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Length => "account-length",
            Self::Characters => "account-characters",
            Self::SpreadsheetNumber => "account-spreadsheet-number",
        }
    }
}

/// Reads an account number: spaces, dots and hyphens between groups go, leading zeros stay, letters become capitals.
pub fn parse_account(text: &str) -> Result<String, InvalidAccount> {
    let text = text.trim();
    if is_scientific(text) {
        return Err(InvalidAccount::SpreadsheetNumber);
    }
    let account: String =
        text.chars().filter(|c| !matches!(c, ' ' | '\u{a0}' | '.' | '-')).map(|c| c.to_ascii_uppercase()).collect();
    if !account.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(InvalidAccount::Characters);
    }
    if !(6..=19).contains(&account.len()) {
        return Err(InvalidAccount::Length);
    }
    Ok(account)
}

/// `1.23E+12`: a number that a spreadsheet shortened; its last digits are lost.
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b',');
    exponent.starts_with(['+', '-']) && number(&exponent[1..]) && number(mantissa)
}

/// A card number taken for an account: 16 or 19 digits that begin with a known issuer number. Payments to cards come back.
#[must_use]
pub fn looks_like_card(account: &str, banks: &[BankSpec]) -> bool {
    let is_card_long = matches!(account.len(), 16 | 19) && account.bytes().all(|b| b.is_ascii_digit());
    is_card_long && banks.iter().filter_map(|bank| bank.bin.as_deref()).any(|bin| account.starts_with(bin))
}

/// A wallet's number taken for a bank account: it begins with the issuer number of a wallet, and it was not said to be that wallet's.
#[must_use]
pub fn looks_like_wallet(account: &str, bank: Option<&str>, banks: &[BankSpec]) -> bool {
    let wallets = banks.iter().filter(|known| known.kind == BankKind::Wallet && Some(known.id.as_str()) != bank);
    wallets.filter_map(|known| known.bin.as_deref()).any(|bin| account.starts_with(bin))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::profile::Profile;

    #[test]
    fn an_account_keeps_its_leading_zeros_and_loses_its_separators() {
        assert_eq!(parse_account(" 0071 0003-4567.8 ").as_deref(), Ok("0071000345678"));
        assert_eq!(parse_account("ab123456").as_deref(), Ok("AB123456"));
    }

    #[test]
    fn an_account_has_six_to_nineteen_characters() {
        assert_eq!(parse_account("12345"), Err(InvalidAccount::Length));
        assert_eq!(parse_account("12345678901234567890"), Err(InvalidAccount::Length));
        assert!(parse_account("123456").is_ok());
        assert!(parse_account("1234567890123456789").is_ok());
    }

    #[test]
    fn an_account_that_a_spreadsheet_shortened_is_refused() {
        for text in ["1.23E+12", "1,23e+12", "7E+15"] {
            assert_eq!(parse_account(text), Err(InvalidAccount::SpreadsheetNumber), "{text}");
        }
        assert_eq!(parse_account("12E456789").as_deref(), Ok("12E456789"));
    }

    #[test]
    fn an_account_has_no_other_characters() {
        assert_eq!(parse_account("1234567đ"), Err(InvalidAccount::Characters));
    }

    #[test]
    fn sixteen_or_nineteen_digits_of_a_known_issuer_are_a_card() {
        let banks = Profile::vietnam().banks;
        assert!(looks_like_card("9704361234567890", &banks));
        assert!(looks_like_card("9704361234567890123", &banks));
        assert!(!looks_like_card("97043612345678", &banks), "14 digits");
        assert!(!looks_like_card("1234561234567890", &banks), "no issuer");
    }

    #[test]
    fn a_number_of_a_wallet_is_one_unless_it_is_said_to_be_that_wallets() {
        let banks = Profile::vietnam().banks;
        assert!(looks_like_wallet("9710250905123456", None, &banks));
        assert!(looks_like_wallet("9710250905123456", Some("vcb"), &banks));
        assert!(!looks_like_wallet("9710250905123456", Some("momo"), &banks));
        assert!(!looks_like_wallet("9704360905123456", None, &banks), "a bank's");
    }
}
