//! Identifiers and account numbers as the doors take them: checked by the profile, told in both languages, never repeated.

use crate::app::error::FieldIssue;
use crate::domain::account::{self, InvalidAccount};
use crate::domain::identifier::{self, IdentifierWarning, InvalidIdentifier};
use crate::domain::ids::{BankId, SchemeCode};
use crate::domain::profile::{BankKind, BankSpec, ChannelSpec, CountsAs, HolderFacts, Profile, Severity};

/// The identifier in its normal form, with what looks odd about it.
pub fn identifier(
    profile: &Profile,
    scheme: &SchemeCode,
    text: &str,
    holder: HolderFacts,
) -> Result<(String, Vec<FieldIssue>), FieldIssue> {
    // A scheme's code is also the name of the field and column that carries it.
    let field = || scheme.to_string();
    let Some(spec) = profile.identifier(scheme.as_str()) else {
        let known = profile.identifier_list();
        return Err(FieldIssue::new(
            field(),
            "scheme-unknown",
            format!("the profile has no identifiers {scheme}; it has: {known}"),
            format!("cấu hình không có loại định danh {scheme}; chỉ có: {known}"),
        ));
    };
    match identifier::validate_identifier(spec, text, holder) {
        Ok((value, warnings)) => Ok((value, warnings.into_iter().map(|odd| warning(field(), odd)).collect())),
        Err(error) => Err(FieldIssue::new(field(), error.code(), error.to_string(), identifier_vi(&error))),
    }
}

/// What looks odd about an identifier, in words.
pub fn warning(field: String, odd: IdentifierWarning) -> FieldIssue {
    let (en, vi) = match odd {
        IdentifierWarning::SexDiffers => {
            ("the number says another sex than the record", "giới tính khác với số định danh")
        }
        IdentifierWarning::BirthYearDiffers => {
            ("the number says another birth year than the record", "năm sinh khác với số định danh")
        }
    };
    FieldIssue::new(field, odd.code(), en, vi)
}

fn identifier_vi(error: &InvalidIdentifier) -> String {
    match error {
        InvalidIdentifier::Length { expected, found, .. } => {
            format!("cần {expected} ký tự, tệp có {found}; bảng tính có thể đã làm mất số 0 ở đầu")
        }
        InvalidIdentifier::Characters { .. } => "có ký tự không hợp lệ".to_owned(),
    }
}

/// The account number in its normal form, with what looks odd about it. A card's or a wallet's number is refused or odd, as the profile
/// says: payments to them come back.
pub fn account(profile: &Profile, bank: Option<&BankId>, text: &str) -> Result<(String, Vec<FieldIssue>), FieldIssue> {
    let number = account::parse_account(text).map_err(|error| {
        let vi = match error {
            InvalidAccount::Length => "số tài khoản gồm 6 đến 19 ký tự",
            InvalidAccount::Characters => "số tài khoản chỉ gồm chữ và số",
            InvalidAccount::SpreadsheetNumber => {
                "bảng tính đã làm sai số tài khoản; hãy định dạng cột là văn bản và nhập lại"
            }
        };
        FieldIssue::new("account", error.code(), error.to_string(), vi)
    })?;
    if account::looks_like_wallet(&number, bank.map(BankId::as_str), &profile.banks) {
        let odd = FieldIssue::new(
            "account",
            "account-looks-like-a-wallet",
            "this is a wallet's number; ask the beneficiary for a bank account, or choose the wallet as bank and channel",
            "đây là số ví điện tử; hãy hỏi người hưởng số tài khoản ngân hàng, hoặc chọn hình thức ví điện tử",
        );
        return graded(profile.payout.wallet_numbers, odd).map(|odd| (number, odd));
    }
    if account::looks_like_card(&number, &profile.banks) {
        let odd = FieldIssue::new(
            "account",
            "account-looks-like-a-card",
            "this is a card number; ask the beneficiary for the account number behind the card",
            "đây là số thẻ; hãy hỏi người hưởng số tài khoản của thẻ",
        );
        return graded(profile.payout.card_numbers, odd).map(|odd| (number, odd));
    }
    Ok((number, Vec::new()))
}

/// Something odd, as an error or as a warning.
fn graded(severity: Severity, odd: FieldIssue) -> Result<Vec<FieldIssue>, FieldIssue> {
    match severity {
        Severity::Refuse => Err(odd),
        Severity::Warn => Ok(vec![odd]),
    }
}

/// A wallet given as the bank of an account, refused or odd as the profile says.
pub fn bank_of_channel(
    profile: &Profile,
    channel: &ChannelSpec,
    bank: &BankSpec,
) -> Result<Vec<FieldIssue>, FieldIssue> {
    if channel.counts_as != CountsAs::Account || bank.kind != BankKind::Wallet {
        return Ok(Vec::new());
    }
    let odd = FieldIssue::new(
        "bank",
        "bank-is-a-wallet",
        format!("{} is a wallet, not a bank; ask for a bank account, or choose a wallet's channel", bank.short_name),
        format!(
            "{} là ví điện tử, không phải ngân hàng; hãy hỏi tài khoản ngân hàng hoặc chọn hình thức ví",
            bank.short_name
        ),
    );
    graded(profile.payout.wallet_numbers, odd)
}
