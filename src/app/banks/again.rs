//! Items that wait, judged again from their message's kept bytes: their bank's codes may be explained by now, their payment known, what was in
//! their way done. Each has one effect, whoever asks and however often.

use super::inbox::InboxView;
use super::items::{BAD_REFERENCE, Judging, Verdict, end_to_end_id, quarantined};
use super::whole::WholeVerdict;
use crate::app::App;
use crate::app::access::{Action, Principal, Reach};
use crate::app::aggregate::inbox_stream;
use crate::app::error::AppError;
use crate::app::execute::{Begin, Beside, WriteRequest, Written};
use crate::app::lookup::out_of_reach;
use crate::app::queries::Page;
use crate::banks::{Item, Scope};
use crate::domain::ids::{EndToEndId, InboxId, PaymentId};
use crate::domain::inbox::{
    AgainVerdict, Inbox, InboxCommand, InboxRefusal, ItemJudgedAgain, Judged, JudgedAgain, OTHER_CONTENT, Quarantine,
};
use crate::store::views::{LIST_LIMIT_MAX, WaitingFilter};
use std::collections::{BTreeMap, BTreeSet};

/// What waits.
#[derive(Default)]
struct Waiting {
    /// By the item of the message that each is of.
    named: BTreeMap<u64, Vec<Quarantine>>,
    /// Items that wait together, each with what they come to now.
    rests: Vec<(Quarantine, Judged)>,
}

impl Waiting {
    fn add(&mut self, quarantine: Quarantine) {
        // Other bytes under the message's id are for a person alone.
        if quarantine.item.cause == OTHER_CONTENT {
            return;
        }
        if quarantine.item.rest.is_some() {
            self.rests.push((quarantine, Judged::default()));
        } else {
            self.named.entry(quarantine.root()).or_default().push(quarantine);
        }
    }
}

impl App {
    /// Judges items again and records what that came to: those named, or all that wait and are the caller's.
    pub async fn judge_again(
        &self,
        request: &WriteRequest,
        id: InboxId,
        items: Option<&BTreeSet<u64>>,
    ) -> Result<Written<Inbox>, AppError> {
        if let Some(written) = self.replay::<Inbox>(&request.idempotency).await? {
            return Ok(written);
        }
        let again = self.what_again((&request.principal, id), items, false).await?;
        let command = InboxCommand::JudgeAgain(again);
        let stream = inbox_stream(id);
        let written =
            self.execute((&stream, Begin::Existing), request, Beside::default(), |_: &Inbox| Ok(command.clone()));
        let mut written = written.await?;
        let own = |item: &Quarantine| self.is_own_item(&request.principal, item.item.unit_key.as_ref());
        written.state.quarantined.retain(|_, item| own(item));
        Ok(written)
    }

    /// What would become of them now. Nothing is recorded.
    pub async fn rehearse_again(
        &self,
        principal: &Principal,
        id: InboxId,
        items: Option<&BTreeSet<u64>>,
    ) -> Result<JudgedAgain, AppError> {
        self.what_again((principal, id), items, true).await
    }

    async fn what_again(
        &self,
        (principal, id): (&Principal, InboxId),
        items: Option<&BTreeSet<u64>>,
        dry: bool,
    ) -> Result<JudgedAgain, AppError> {
        if principal.reach(Action::ResolveInbox) != Reach::Units {
            return Err(out_of_reach());
        }
        let view = self.load_inbox(id).await?;
        let (mut waiting, mut found) = (Waiting::default(), 0);
        for quarantine in view.state.quarantined.values().filter(|quarantine| quarantine.waits()) {
            let named = items.is_none_or(|items| items.contains(&quarantine.item.item));
            if !named {
                continue;
            }
            if self.is_own_item(principal, quarantine.item.unit_key.as_ref()) {
                found += 1;
                waiting.add(quarantine.clone());
            } else if items.is_some() {
                return Err(out_of_reach());
            }
        }
        // What does not wait would not be judged; asking for it is refused.
        if !dry && items.is_some_and(|items| items.len() != found) {
            return Err(InboxRefusal::NotQuarantined.into());
        }
        if !dry && found == 0 && view.state.quarantined.is_empty() {
            return Err(InboxRefusal::NotQuarantined.into());
        }
        self.judge_waiting(&view, waiting, dry).await
    }

    async fn judge_waiting(&self, view: &InboxView, mut waiting: Waiting, dry: bool) -> Result<JudgedAgain, AppError> {
        let (id, mut again) = (view.id, JudgedAgain::default());
        let is_empty = waiting.named.is_empty() && waiting.rests.is_empty();
        let Some(received) = view.state.received.as_ref().filter(|_| !is_empty) else { return Ok(again) };
        let known = self.known_bank(&received.bank).await?.ok_or(AppError::NotFound("bank"))?;
        let body = self.kept_message(id, received.body_ref).await?;
        let body = body.ok_or(AppError::NotFound("message"))?;
        let judging = Judging { bank: &received.bank, id, mapping: &known.mapping, dry };
        let mut items = self.items_of(&body)?;
        loop {
            let mut chunk = items.next().await?;
            let Some(last) = chunk.last().map(|item| item.number) else { break };
            for item in &chunk {
                let Some(of_item) = waiting.named.get(&item.number) else { continue };
                match item.scope {
                    Scope::Payment => self.one_again(judging, item, (of_item, &mut again)).await?,
                    Scope::Batch { .. } | Scope::Group { .. } => {
                        self.whole_again(judging, item, (of_item, &mut again)).await?;
                    }
                }
            }
            // What has a place of its own is no part of any rest.
            chunk.retain(|item| !view.state.quarantined.contains_key(&item.number));
            for (rest, judged) in &mut waiting.rests {
                let Some(from) = rest.item.rest.map(|rest| rest.from).filter(|from| *from <= last) else { continue };
                let own = chunk.iter().filter(|item| item.number >= from).cloned().collect();
                self.judge_chunk(judging, own, judged).await?;
            }
        }
        for (rest, judged) in waiting.rests {
            let waits = !judged.quarantined.is_empty() || !judged.parts.is_empty();
            let verdict = match (waits, judged.applied) {
                (true, _) => AgainVerdict::WaitsAnew,
                (false, 0) => AgainVerdict::NoOp,
                (false, _) => AgainVerdict::Applied,
            };
            again.items.push(ItemJudgedAgain { item: rest.item.item, verdict });
            again.rests.push((rest.item.item, judged));
        }
        Ok(again)
    }

    async fn one_again(
        &self,
        judging: Judging<'_>,
        item: &Item,
        (waiting, again): (&[Quarantine], &mut JudgedAgain),
    ) -> Result<(), AppError> {
        let found = self.find_attempts(std::slice::from_ref(item)).await?;
        let named = end_to_end_id(item).and_then(|id| found.get(&id).copied());
        let (effect, key) = (judging.mapping.effect(&item.report), format!("{}-{}", judging.id, item.number));
        let verdict = self.judge_item(judging, item, (effect, named), key).await?;
        for quarantine in waiting {
            note(again, quarantine, vec![&verdict]);
        }
        Ok(())
    }

    async fn whole_again(
        &self,
        judging: Judging<'_>,
        item: &Item,
        (waiting, again): (&[Quarantine], &mut JudgedAgain),
    ) -> Result<(), AppError> {
        // Single payments of it, or all of it because it waited as one.
        let payments: Option<BTreeSet<PaymentId>> =
            waiting.iter().map(|quarantine| quarantine.item.payment_id).collect();
        match self.judge_whole(judging, item, payments.as_ref()).await? {
            WholeVerdict::Item(verdict) if payments.is_none() => {
                for quarantine in waiting {
                    note(again, quarantine, vec![&verdict]);
                }
            }
            // Of those that wait by themselves nothing new is said.
            WholeVerdict::Item(_) => {}
            WholeVerdict::Payments(verdicts) => {
                for quarantine in waiting {
                    let own = quarantine.item.payment_id;
                    let of_own = |payment: &PaymentId| own.is_none_or(|own| own == *payment);
                    let verdicts = verdicts.iter().filter(|(payment, _)| of_own(payment)).map(|(_, verdict)| verdict);
                    note(again, quarantine, verdicts.collect());
                }
            }
        }
        Ok(())
    }

    /// Judges again what named no payment that was known, once there is one of that name. Answers how many messages.
    pub async fn judge_known_now(&self) -> Result<u64, AppError> {
        let filter = WaitingFilter { waiting: true, ..WaitingFilter::default() };
        let (mut after, mut messages) = (0, BTreeSet::new());
        loop {
            let page = self.views.list_bank_items(&filter, Page { after, limit: LIST_LIMIT_MAX }).await?.answer;
            messages.extend(page.iter().filter(|row| row.cause == BAD_REFERENCE).map(|row| row.inbox_id));
            after = page.last().map_or(after, |row| row.place);
            if page.len() < LIST_LIMIT_MAX as usize {
                break;
            }
        }
        let mut judged = 0;
        for id in messages {
            judged += u64::from(self.judge_if_known(id).await?);
        }
        Ok(judged)
    }

    async fn judge_if_known(&self, id: InboxId) -> Result<bool, AppError> {
        let view = self.load_inbox(id).await?;
        let waiting = view.state.quarantined.values().filter(|quarantine| quarantine.waits());
        let named = |item: &Quarantine| Some((item.item.end_to_end_id.clone()?, item.item.item));
        let items: BTreeMap<EndToEndId, u64> = waiting.filter_map(named).collect();
        let ids: Vec<EndToEndId> = items.keys().cloned().collect();
        let known: BTreeSet<u64> = self.look_up(&ids).await?.keys().filter_map(|id| items.get(id).copied()).collect();
        if known.is_empty() {
            return Ok(false);
        }
        let request = self.own_request(&Principal::local("inbox"), "judge-again");
        let written = self.judge_again(&request, id, Some(&known)).await?;
        if written.appended {
            tracing::info!(inbox.id = %id, items = known.len(), "items whose payment is known now are judged again");
        }
        Ok(written.appended)
    }
}

/// What judging came to, of one that waits. One verdict, or one for each payment of a whole file.
fn note(again: &mut JudgedAgain, quarantine: &Quarantine, verdicts: Vec<&Verdict>) {
    let (mut applied, mut anew) = (false, Vec::new());
    for verdict in verdicts {
        match verdict {
            Verdict::Applied => applied = true,
            Verdict::NoOp => {}
            Verdict::Quarantined { cause, about } => {
                let part = quarantined((0, Some(quarantine.root())), cause, about.clone());
                let before = (quarantine.item.cause.as_str(), quarantine.item.payment_id);
                if (*cause, part.payment_id) == before {
                    return;
                }
                anew.push(part);
            }
        }
    }
    let verdict = match (anew.is_empty(), applied) {
        (false, _) => AgainVerdict::WaitsAnew,
        (true, true) => AgainVerdict::Applied,
        (true, false) => AgainVerdict::NoOp,
    };
    again.items.push(ItemJudgedAgain { item: quarantine.item.item, verdict });
    again.parts.extend(anew);
}
