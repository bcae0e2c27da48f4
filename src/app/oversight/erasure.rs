//! Erasing what is held on a person: at once where the profile asks for one person, else when another consents.

use super::approvals::{Answered, Asked};
use crate::app::App;
use crate::app::access::Action;
use crate::app::aggregate::beneficiary_stream;
use crate::app::error::AppError;
use crate::app::execute::{WriteRequest, Written};
use crate::domain::approval::Approval;
use crate::domain::approval::event::{ApprovableAction, ApprovableCommand};
use crate::domain::beneficiary::event::PersonalDataErased;
use crate::domain::beneficiary::{self, Beneficiary};
use crate::domain::decision::Decision;
use crate::domain::ids::BeneficiaryId;

impl App {
    /// Destroys what is held on a person, or asks for a second person's consent.
    pub async fn erase(
        &self,
        request: &WriteRequest,
        id: BeneficiaryId,
        event: &PersonalDataErased,
    ) -> Result<Answered<Beneficiary>, AppError> {
        if let Some(first) = self.asked_before(request).await? {
            return Ok(Answered::Waits(Box::new(first)));
        }
        match self.ask_to_erase(request, id, event).await {
            Ok(Some(written)) => Ok(Answered::Waits(Box::new(written))),
            Ok(None) => self.erase_now(request, id, event).await.map(Answered::Done),
            Err(error) => self.replay_or(request, error).await.map(Answered::Done),
        }
    }

    /// `None`: the profile wants no second person, or it was erased before, which erasing again only finishes.
    async fn ask_to_erase(
        &self,
        request: &WriteRequest,
        id: BeneficiaryId,
        event: &PersonalDataErased,
    ) -> Result<Option<Written<Approval>>, AppError> {
        let Some(spec) = self.profile.second_person(ApprovableAction::ErasePersonal, 0) else { return Ok(None) };
        let view = self.person_for(&request.principal, Action::ErasePersonal, id).await?;
        let command = self.erasure(id, &view, event).await?;
        let found = self.load::<Beneficiary>(&beneficiary_stream(id)).await?;
        let (state, last) = found.ok_or(AppError::NotFound("beneficiary"))?;
        if request.if_match.is_some_and(|asked| asked != last.revision) {
            return Err(AppError::RevisionMoved { current: last.revision });
        }
        match beneficiary::decide(&state, &command, self.clock.now()) {
            // What is not possible now is not asked for.
            Decision::Refused(refusal) => return Err(refusal.into()),
            Decision::NoOp => return Ok(None),
            Decision::Events(_) | Decision::Quarantine(_) => {}
        }
        let today = self.profile.business_day(self.clock.now_us());
        let unit_key = view.person.unit_on(today).cloned().ok_or(AppError::NotFound("beneficiary"))?;
        let PersonalDataErased { ground, note } = event.clone();
        let command = ApprovableCommand::ErasePersonal { beneficiary_id: id, ground, note };
        self.ask(request, spec, Asked::of_unit(command, unit_key, None)).await.map(Some)
    }
}
