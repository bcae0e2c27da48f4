//! A short message of which every item is news that can be recorded: that it came, what it says and its verdicts go to the store together,
//! each counting only if the one before it does. So it is kept before anything of it is applied, as on the long way, and waits for one
//! commit. Whatever is not so simple, or fails, goes the long way from where the store then is.

use super::callback::CameBy;
use super::first::before;
use super::inbox::InboxView;
use super::items::{Judging, News, Weighed, end_to_end_id};
use super::registry::KnownBank;
use crate::app::App;
use crate::app::aggregate::inbox_stream;
use crate::app::error::AppError;
use crate::app::execute::Beside;
use crate::banks::{self, Head, Item, Limits, Scope, Summary};
use crate::domain::ids::{BankId, InboxId, VaultRef};
use crate::domain::inbox::{Inbox, InboxCommand, Judged};
use crate::domain::payment::state::Instructed;
use crate::store::{Append, EventData, RecordedEvent, StreamState, WriteResult, as_recorded};
use futures_util::FutureExt;
use std::collections::HashSet;
use std::panic::AssertUnwindSafe;

/// Longer messages are kept first: judging them takes a while.
const ITEMS_MAX: u64 = 16;
const BYTES_MAX: usize = 64 << 10;

impl App {
    /// The message, received and judged; `None` when it has to go the long way. What goes wrong here, the long way meets again, with the
    /// message kept.
    pub(super) async fn take_at_once(
        &self,
        (bank, known, id): (&BankId, &KnownBank, InboxId),
        came: &CameBy,
        (head, summary): (&Head, &Summary),
        (body, sha256): (&[u8], &str),
    ) -> Option<InboxView> {
        if !(1..=ITEMS_MAX).contains(&summary.items) || body.len() > BYTES_MAX {
            return None;
        }
        let judging = Judging { bank, id, mapping: &known.mapping, dry: false };
        let prepared = self.prepare_message(judging, came, (head, summary), (body, sha256));
        let appends = AssertUnwindSafe(prepared).catch_unwind().await.ok()?.ok()??;
        let stream = inbox_stream(id);
        let own = |append: &Append| if append.stream == stream { append.events.clone() } else { Vec::new() };
        let events: Vec<Vec<EventData>> = appends.iter().map(own).collect();
        let answers: Result<Vec<WriteResult>, _> = self.store.append_batch(appends).await.into_iter().collect();
        let log_id = self.vault.log_id();
        let placed = events.into_iter().zip(answers.ok()?);
        let recorded: Vec<RecordedEvent> =
            placed.flat_map(|(events, result)| as_recorded(log_id, &stream, events, &result)).collect();
        InboxView::of(id, &recorded).ok()
    }

    /// All that the message comes to, in the order in which it counts; `None` when it is not so simple.
    async fn prepare_message(
        &self,
        judging: Judging<'_>,
        came: &CameBy,
        (head, summary): (&Head, &Summary),
        (body, sha256): (&[u8], &str),
    ) -> Result<Option<Vec<Append>>, AppError> {
        let Judging { bank, id, .. } = judging;
        let Some(items) = single(body)? else { return Ok(None) };
        let stream = inbox_stream(id);
        let (body_ref, vault) = self.vault.seal_message(body)?;
        let of_body = (body.len() as u64, sha256, VaultRef::from_uuid(body_ref));
        let receive = InboxCommand::Receive(self.received(bank, came, (head, summary), of_body));
        let (request, beside) = (self.inbox_request(bank, id, "receive"), Beside { claims: Vec::new(), vault });
        // Nearly every message is new; the store refuses what is not, and all that follows it.
        let begins = (stream.as_str(), StreamState::NoStream, Inbox::default());
        let (state, receive) = self.prepare_on(begins, &request, &beside, &[receive])?;
        let last = (receive.events.len() as u64).saturating_sub(1);
        let mut appends = vec![told_by_events(receive)];
        for append in self.prepare_items(judging, &items).await? {
            let Some(append) = append else { return Ok(None) };
            appends.push(Append { follows: true, ..told_by_events(append) });
        }
        let judged = InboxCommand::Judge(Judged { applied: summary.items, ..Judged::default() });
        let request = self.inbox_request(bank, id, "judge");
        let at = (stream.as_str(), StreamState::Revision(last), state);
        let (_, judged) = self.prepare_on::<Inbox>(at, &request, &Beside::default(), &[judged])?;
        appends.push(Append { follows: true, ..told_by_events(judged) });
        Ok(Some(appends))
    }

    /// What each item appends to its payment; `None` for one that is not recorded as it is.
    async fn prepare_items(&self, judging: Judging<'_>, items: &[Item]) -> Result<Vec<Option<Append>>, AppError> {
        let found = self.find_attempts(items).await?;
        let mut appends = Vec::with_capacity(items.len());
        for item in items {
            let effect = judging.mapping.effect(&item.report);
            let named = end_to_end_id(item).and_then(|id| found.get(&id).copied());
            let append = match self.weigh(judging, item, (effect, named)).await? {
                Weighed::News(news) => self.prepare_news(judging, item, *news).await?,
                Weighed::Verdict(_) | Weighed::ToldBefore(_) => None,
            };
            appends.push(append);
        }
        Ok(appends)
    }

    async fn prepare_news(&self, judging: Judging<'_>, item: &Item, news: News) -> Result<Option<Append>, AppError> {
        let Judging { bank, id, .. } = judging;
        let request = self.item_request(bank, format!("{id}-{}", item.number), &news.report);
        let first = |payment: &Instructed| before((bank, news.attempt), &news.report, payment);
        self.prepare_report(&request, (news.payment.payment_id, &news.report), news.seen, &first).await
    }
}

/// Without a key of its own: that it was recorded, its events tell, whose ids are made of the key. A key is a row at a place of its own.
fn told_by_events(append: Append) -> Append {
    Append { request: None, ..append }
}

/// The items, if each is about a payment of its own.
fn single(body: &[u8]) -> Result<Option<Vec<Item>>, AppError> {
    let mut message = banks::open(body, &Limits::default())?;
    let (mut items, mut named) = (Vec::new(), HashSet::new());
    while let Some(item) = message.next_item()? {
        let alone = end_to_end_id(&item).is_some_and(|id| named.insert(id));
        if item.scope != Scope::Payment || !alone {
            return Ok(None);
        }
        items.push(item);
    }
    Ok(Some(items))
}
