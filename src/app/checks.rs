//! Identifiers and account numbers as the doors take them: checked by the profile, told in both languages, never repeated.

use crate::app::error::FieldIssue;
use crate::domain::account::{self, InvalidAccount};
use crate::domain::identifier::{self, IdentifierWarning, InvalidIdentifier};
use crate::domain::ids::SchemeCode;
use crate::domain::profile::{HolderFacts, Profile};

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

/// The account number in its normal form. A card number is refused: payments to cards come back.
pub fn account(profile: &Profile, text: &str) -> Result<String, FieldIssue> {
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
    if account::looks_like_card(&number, &profile.banks) {
        return Err(FieldIssue::new(
            "account",
            "account-looks-like-a-card",
            "this is a card number; ask the beneficiary for the account number behind the card",
            "đây là số thẻ; hãy hỏi người hưởng số tài khoản của thẻ",
        ));
    }
    Ok(number)
}
