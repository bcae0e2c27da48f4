//! Which events of a page of the log an endpoint is told of, and as what.

use super::message::{self, Message};
use crate::app::App;
use crate::app::aggregate::{decode_own, payment_of_stream};
use crate::app::error::AppError;
use crate::domain::ids::UnitKey;
use crate::domain::payment::{Payment, PaymentEvent};
use crate::domain::recovery::Recovery;
use crate::domain::webhook::{MessageKind, Registered};
use crate::store::{RecordedEvent, StoreError};
use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap};

/// Streams that are read together.
const STREAMS_AT_ONCE: usize = 100;

impl App {
    /// The messages of those events of a page that the endpoint hears of, in their order.
    pub(super) async fn messages(
        &self,
        own: &Registered,
        page: &[impl Borrow<RecordedEvent> + Sync],
    ) -> Result<Vec<Message>, AppError> {
        let mut wanted: BTreeMap<&str, Vec<&RecordedEvent>> = BTreeMap::new();
        for event in page.iter().map(Borrow::borrow) {
            // Read here only to know its kind: what other kinds there are is the codec's.
            if kind_of(event)?.is_some_and(|kind| own.hears(kind)) {
                wanted.entry(event.stream.as_str()).or_default().push(event);
            }
        }
        let names: Vec<String> = wanted.keys().map(|stream| (*stream).to_owned()).collect();
        let mut found = Vec::new();
        for part in names.chunks(STREAMS_AT_ONCE) {
            for (stream, events) in self.whole_streams(part).await? {
                let asked = wanted.get(stream.as_str()).map_or(&[][..], Vec::as_slice);
                if is_recovery(&stream) {
                    self.along_recovery(own, (&events, asked), &mut found)?;
                } else {
                    self.along(own, (&events, asked), &mut found)?;
                }
            }
        }
        found.sort_unstable_by_key(|message| message.position);
        Ok(found)
    }

    async fn whole_streams(&self, names: &[String]) -> Result<HashMap<String, Vec<RecordedEvent>>, AppError> {
        let mut streams: HashMap<String, Vec<RecordedEvent>> = HashMap::with_capacity(names.len());
        match self.store.read_streams(names).await {
            Ok(events) => {
                for event in events {
                    streams.entry(event.stream.clone()).or_default().push(event);
                }
            }
            // Too long to be read together: one by one.
            Err(StoreError::Rejected(_)) => {
                for name in names {
                    streams.insert(name.clone(), self.read_whole_stream(name).await?);
                }
            }
            Err(error) => return Err(error.into()),
        }
        Ok(streams)
    }

    /// Folds a payment and tells of it at each event that is asked.
    fn along(
        &self,
        own: &Registered,
        (events, asked): (&[RecordedEvent], &[&RecordedEvent]),
        found: &mut Vec<Message>,
    ) -> Result<(), AppError> {
        let mut payment = Payment::default();
        for event in events {
            let read = decode_own::<Payment>(event)?;
            payment.evolve(&read);
            let is_asked = asked.iter().any(|asked| asked.revision == event.revision);
            if is_asked && self.is_in_scope(own, &payment, &read) {
                found.extend(message::of_payment(&self.profile, event, (&payment, &read)));
            }
        }
        Ok(())
    }

    /// The same of a recovery. It belongs to a unit and to no bank: its money went to a person.
    fn along_recovery(
        &self,
        own: &Registered,
        (events, asked): (&[RecordedEvent], &[&RecordedEvent]),
        found: &mut Vec<Message>,
    ) -> Result<(), AppError> {
        let mut recovery = Recovery::default();
        for event in events {
            let read = decode_own::<Recovery>(event)?;
            recovery.evolve(&read);
            let Some(stands) = recovery.found.as_ref().filter(|_| own.settings.bank.is_none()) else { continue };
            let is_asked = asked.iter().any(|asked| asked.revision == event.revision);
            if is_asked && self.is_in_unit(own, &stands.unit_key) {
                found.push(message::of_recovery(&self.profile, event, (stands, &read)));
            }
        }
        Ok(())
    }

    fn is_in_unit(&self, own: &Registered, unit: &UnitKey) -> bool {
        let units = &self.profile.units;
        own.settings.unit.as_ref().is_none_or(|scope| units.covers(scope.as_str(), unit.as_str()))
    }

    fn is_in_scope(&self, own: &Registered, payment: &Payment, event: &PaymentEvent) -> bool {
        let Some(instructed) = &payment.instructed else { return false };
        self.is_in_unit(own, &instructed.unit_key)
            && own.settings.bank.as_ref().is_none_or(|bank| message::concerns(payment, event, bank))
    }
}

fn is_recovery(stream: &str) -> bool {
    stream.starts_with("recovery-")
}

/// What an event is told as; `None` when nobody is told of it.
fn kind_of(event: &RecordedEvent) -> Result<Option<MessageKind>, AppError> {
    if payment_of_stream(&event.stream).is_some() {
        return Ok(Some(MessageKind::of(&decode_own::<Payment>(event)?)));
    }
    if is_recovery(&event.stream) {
        return Ok(Some(MessageKind::of_recovery(&decode_own::<Recovery>(event)?)));
    }
    Ok(None)
}
