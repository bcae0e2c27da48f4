//! The columns of people's files that say who receives on a person's behalf.

use super::parse::{Cells, NAME_LENGTH_MAX, missing};
use crate::app::changes::GrantInput;
use crate::domain::payment::event::Payee;
use crate::files::fields;

/// The columns of which any asks for an authorisation.
const COLUMNS: [&str; 5] =
    ["authorised_name", "authorised_id", "authorised_certified", "authorised_from", "authorised_to"];

/// A column of a file by the field of a rule that refuses it.
#[must_use]
pub fn column_of(field: &str) -> &str {
    match field {
        "certified" => "authorised_certified",
        "valid_from" => "authorised_from",
        "valid_to" => "authorised_to",
        other => other,
    }
}

impl Cells<'_> {
    pub(super) fn payee(&mut self) -> Option<Payee> {
        let profile = self.profile;
        self.optional("payee", |text| match profile.code_of_word("payee", text).unwrap_or(text) {
            "self" => Ok(Payee::Beneficiary),
            "authorised" => Ok(Payee::Authorised),
            "guardian" => Ok(Payee::Guardian),
            _ => Err(super::parse::code_unknown("payee")),
        })
    }

    /// The authorisation or guardianship that the row brings, if any of its columns is filled in.
    pub(super) fn authorisation(&mut self, payee: Option<Payee>) -> Option<GrantInput> {
        if COLUMNS.iter().all(|column| self.row.get(column).trim().is_empty()) {
            return None;
        }
        let payee = payee.filter(|payee| matches!(payee, Payee::Authorised | Payee::Guardian));
        if payee.is_none() {
            self.problem("payee", missing("payee"));
        }
        let profile = self.profile;
        let name = self.required("authorised_name", |text| fields::parse_text(text, NAME_LENGTH_MAX));
        let identifier = self.text("authorised_id").map(|number| (profile.first_identifier().clone(), number));
        let certified = self.optional("authorised_certified", |text| {
            match profile.code_of_word("certified", text).unwrap_or(text) {
                "yes" | "true" => Ok(true),
                "no" | "false" => Ok(false),
                _ => Err(super::parse::code_unknown("authorised_certified")),
            }
        });
        let valid_from = self.required("authorised_from", fields::parse_date);
        let valid_to = self.optional("authorised_to", fields::parse_date);
        Some(GrantInput {
            payee: payee?,
            name: name?,
            identifier,
            certified: certified.unwrap_or(false),
            valid_from: valid_from?,
            valid_to,
        })
    }
}
