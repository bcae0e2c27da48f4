//! Reading the events of beneficiaries.

use super::{
    ACCOUNT_CHECKED, AUTHORISATION_ENDED, AUTHORISATION_GRANTED, BENEFICIARY_DIED, BENEFICIARY_MOVED,
    BENEFICIARY_REGISTERED, BENEFIT_RESUMED, BENEFIT_SUSPENDED, BeneficiaryEvent, CodecError, IDENTIFIER_ADDED,
    IDENTIFIER_ENDED, IDENTITY_MATCH_RECORDED, PAYOUT_METHOD_CHOSEN, PERSONAL_DATA_ERASED, Reader,
};

pub(super) fn decode_beneficiary(reader: &Reader<'_>) -> Result<Option<BeneficiaryEvent>, CodecError> {
    let event = match reader.event_type {
        "BeneficiaryRegistered" => BeneficiaryEvent::Registered(reader.read(BENEFICIARY_REGISTERED)?),
        "BeneficiaryMoved" => BeneficiaryEvent::Moved(reader.read(BENEFICIARY_MOVED)?),
        "PayoutMethodChosen" => BeneficiaryEvent::PayoutMethodChosen(reader.read(PAYOUT_METHOD_CHOSEN)?),
        "BeneficiaryDied" => BeneficiaryEvent::Died(reader.read(BENEFICIARY_DIED)?),
        "PersonalDataErased" => BeneficiaryEvent::Erased(reader.read(PERSONAL_DATA_ERASED)?),
        "IdentifierAdded" => BeneficiaryEvent::IdentifierAdded(reader.read(IDENTIFIER_ADDED)?),
        "IdentifierEnded" => BeneficiaryEvent::IdentifierEnded(reader.read(IDENTIFIER_ENDED)?),
        "AccountChecked" => BeneficiaryEvent::AccountChecked(reader.read(ACCOUNT_CHECKED)?),
        "AuthorisationGranted" => BeneficiaryEvent::AuthorisationGranted(reader.read(AUTHORISATION_GRANTED)?),
        "AuthorisationEnded" => BeneficiaryEvent::AuthorisationEnded(reader.read(AUTHORISATION_ENDED)?),
        "BenefitSuspended" => BeneficiaryEvent::Suspended(reader.read(BENEFIT_SUSPENDED)?),
        "BenefitResumed" => BeneficiaryEvent::Resumed(reader.read(BENEFIT_RESUMED)?),
        "IdentityMatchRecorded" => BeneficiaryEvent::IdentityMatched(reader.read(IDENTITY_MATCH_RECORDED)?),
        _ => return Ok(None),
    };
    Ok(Some(event))
}
