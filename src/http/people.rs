//! What is recorded of people beside unit, method and death: accounts that were checked, who may receive, suspensions, identity.

use crate::app::changes::{Change, CheckInput, GrantInput, HolderAnswer};
use crate::app::error::FieldIssue;
use crate::app::words::{self, Words};
use crate::domain::beneficiary::event::{BenefitResumed, BenefitSuspended};
use crate::domain::beneficiary::identity::{IdentityMatchRecorded, IdentityResult, IdentityStatus};
use crate::domain::ids::{BeneficiaryId, BenefitType, GroundCode, IdentityField, VaultRef};
use crate::domain::name::NameMatch;
use crate::domain::period::Month;
use crate::http::beneficiaries::{changing, identifiers};
use crate::http::body::Body;
use crate::http::payments::{date, payee};
use jiff::Timestamp;

const NAME_MATCH: Words = Words {
    en: "exact, folded_equal, different or unavailable",
    vi: "exact, folded_equal, different hoặc unavailable",
};
const IDENTITY_STATUS: Words = Words {
    en: "pending, verified, mismatch, not_found, duplicate, deceased_in_population_db or excluded",
    vi: "pending, verified, mismatch, not_found, duplicate, deceased_in_population_db hoặc excluded",
};
const FIELDS: Words = Words {
    en: "a list of what differs: name, birth_date ..., or an identifier's scheme; listed at GET /v1/reference",
    vi: "danh sách trường khác nhau: name, birth_date ... hoặc loại định danh; xem GET /v1/reference",
};
const GROUND: Words = Words {
    en: "a ground of the profile, listed at GET /v1/reference",
    vi: "mã lý do trong cấu hình, xem GET /v1/reference",
};

changing!(
    /// `POST /v1/beneficiaries/{id}/account-check`
    check_account,
    |_, body| {
        let account_ref = body.optional("account_ref", &words::UUID, |text| VaultRef::parse(text).ok());
        let name = body.text("holder_name", false);
        let result = body.optional("result", &NAME_MATCH, NameMatch::parse);
        let source = body.note("source", true);
        let checked_at = body.optional("checked_at", &words::INSTANT, |text| text.parse::<Timestamp>().ok());
        let answer = match (name, result) {
            (Some(name), None) => Some(HolderAnswer::Name(name)),
            (None, Some(result)) => Some(HolderAnswer::Result(result)),
            (Some(_), Some(_)) | (None, None) => {
                body.push(FieldIssue::new(
                    "holder_name",
                    "one-answer",
                    "send either holder_name as the bank has it, or the bank's own result",
                    "gửi holder_name (tên chủ tài khoản tại ngân hàng) hoặc result (kết quả của ngân hàng)",
                ));
                None
            }
        };
        Some(Change::CheckAccount(CheckInput { account_ref, answer: answer?, source: source?, checked_at }))
    }
);

changing!(
    /// `POST /v1/beneficiaries/{id}/authorisations`
    authorise,
    |app, body| {
        let payee = body.required("payee", &words::PAYEE, payee);
        let name = body.text("name", true);
        let mut named = identifiers(&app.profile, body);
        if named.len() > 1 {
            body.push(FieldIssue::new(
                named[1].0.to_string(),
                "one-identifier",
                "send one identifier: the number of the document that the person shows",
                "chỉ gửi một số định danh: số giấy tờ mà người đó xuất trình",
            ));
        }
        let certified = body.flag("certified");
        let valid_from = body.required("valid_from", &words::DATE, date);
        let valid_to = body.optional("valid_to", &words::DATE, date);
        Some(Change::Grant(GrantInput {
            payee: payee?,
            name: name?,
            identifier: named.pop(),
            certified,
            valid_from: valid_from?,
            valid_to,
        }))
    }
);

changing!(
    /// `POST /v1/beneficiaries/{id}/authorisations/end`
    end_authorisation,
    |_, body| {
        let authorised_ref = body.required("authorised_ref", &words::UUID, |text| VaultRef::parse(text).ok());
        let ended_on = body.optional("ended_on", &words::DATE, date);
        let reason = body.note("reason", true);
        Some(Change::EndAuthorisation { authorised_ref: authorised_ref?, ended_on, reason: reason? })
    }
);

fn benefit_type(body: &mut Body) -> Option<BenefitType> {
    body.optional("benefit_type", &words::BENEFIT_TYPE, |text| BenefitType::parse(text).ok())
}

changing!(
    /// `POST /v1/beneficiaries/{id}/suspend`
    suspend,
    |_, body| {
        let benefit_type = benefit_type(body);
        let legal_ground = body.required("legal_ground", &GROUND, |text| GroundCode::parse(text).ok());
        let from_month = body.required("from_month", &words::MONTH, |text| Month::parse(text).ok());
        let note = body.note("note", false);
        let (legal_ground, from_month) = (legal_ground?, from_month?);
        Some(Change::Suspend(BenefitSuspended { benefit_type, legal_ground, from_month, note }))
    }
);

changing!(
    /// `POST /v1/beneficiaries/{id}/resume`
    resume,
    |_, body| {
        let benefit_type = benefit_type(body);
        let from_month = body.required("from_month", &words::MONTH, |text| Month::parse(text).ok());
        let arrears = body.flag("arrears");
        let note = body.note("note", false);
        Some(Change::Resume(BenefitResumed { benefit_type, from_month: from_month?, arrears, note }))
    }
);

changing!(
    /// `POST /v1/beneficiaries/{id}/identity`
    record_identity,
    |_, body| {
        let result = result(body);
        let source = body.note("source", true);
        let checked_on = body.required("checked_on", &words::DATE, date);
        let request_ref = body.text("request_ref", false);
        let (result, source, checked_on) = (result?, source?, checked_on?);
        Some(Change::Identity(IdentityMatchRecorded { result, source, checked_on, request_ref }))
    }
);

fn result(body: &mut Body) -> Option<IdentityResult> {
    let status = body.required("status", &IDENTITY_STATUS, IdentityStatus::parse)?;
    Some(match status {
        IdentityStatus::Pending => IdentityResult::Pending,
        IdentityStatus::Verified => IdentityResult::Verified,
        IdentityStatus::NotFound => IdentityResult::NotFound,
        IdentityStatus::DeceasedInPopulationDb => IdentityResult::DeceasedInPopulationDb,
        IdentityStatus::Mismatch => {
            IdentityResult::Mismatch { fields: body.list("fields", &FIELDS, |text| IdentityField::parse(text).ok()) }
        }
        IdentityStatus::Duplicate => IdentityResult::Duplicate {
            of: body.required("duplicate_of", &words::UUID, |text| BeneficiaryId::parse(text).ok())?,
        },
        IdentityStatus::Excluded => IdentityResult::Excluded {
            reason: body.required("excluded_reason", &GROUND, |text| GroundCode::parse(text).ok())?,
        },
    })
}
