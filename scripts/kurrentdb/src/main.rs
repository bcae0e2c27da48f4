//! The published `kurrentdb` crate against a sandbox of chitra: each expected form of an append and each refusal, several events at once, batches,
//! reads both ways, filters, following from a position into what comes, metadata, deletes and ends, a payment that is settled, groups, categories.
//! Called by `scripts/eventstore` with the address and a payment; the first difference ends it with exit code 1.

mod groups;

use kurrentdb::{
    AppendToStreamOptions, Client, DeleteStreamOptions, Error, EventData, ReadAllOptions, ReadStreamOptions,
    ResolvedEvent, StreamMetadata, StreamPosition, StreamState, SubscribeToAllOptions, SubscribeToStreamOptions,
    Subscription, SubscriptionFilter, TombstoneStreamOptions,
};
use serde_json::{Value, json};
use std::fmt::Debug;
use std::time::Duration;
use uuid::Uuid;

type Outcome<T = ()> = Result<T, Box<dyn std::error::Error>>;

/// Fails if two things differ.
fn same<T: PartialEq + Debug>(what: &str, found: T, expected: T) -> Outcome {
    if found == expected { Ok(()) } else { Err(format!("{what}: {found:?} where {expected:?} was expected").into()) }
}

/// Fails unless it was refused in this way.
fn refused<T>(what: &str, found: kurrentdb::Result<T>, fits: impl Fn(&Error) -> bool) -> Outcome {
    match found {
        Err(error) if fits(&error) => Ok(()),
        Err(error) => Err(format!("{what}: refused otherwise, with {error:?}").into()),
        Ok(_) => Err(format!("{what}: done, where a refusal was expected").into()),
    }
}

const fn is_wrong(error: &Error) -> bool {
    matches!(error, Error::WrongExpectedVersion { .. })
}

const fn is_denied(error: &Error) -> bool {
    matches!(error, Error::AccessDenied)
}

const fn is_missing(error: &Error) -> bool {
    matches!(error, Error::ResourceNotFound)
}

const fn is_over(error: &Error) -> bool {
    matches!(error, Error::ResourceDeleted)
}

fn event(name: &str, data: &Value) -> Outcome<EventData> {
    Ok(EventData::json(name, data)?.id(Uuid::new_v4()))
}

fn happened() -> Outcome<EventData> {
    event("Happened", &json!({}))
}

fn some(count: usize) -> Outcome<(Vec<Uuid>, Vec<EventData>)> {
    let ids: Vec<Uuid> = (0..count).map(|_| Uuid::new_v4()).collect();
    let events: Outcome<Vec<EventData>> = ids.iter().map(|id| Ok(happened()?.id(*id))).collect();
    Ok((ids, events?))
}

fn stream(kind: &str) -> String {
    format!("{kind}_crate-{}", Uuid::new_v4())
}

fn expecting(state: StreamState) -> AppendToStreamOptions {
    AppendToStreamOptions::default().stream_state(state)
}

fn ids(events: &[ResolvedEvent]) -> Vec<Uuid> {
    events.iter().map(|event| event.get_original_event().id).collect()
}

fn revisions(events: &[ResolvedEvent]) -> Vec<u64> {
    events.iter().map(|event| event.get_original_event().revision).collect()
}

struct Speaker {
    client: Client,
}

impl Speaker {
    async fn append(&self, stream: &str, state: StreamState, events: Vec<EventData>) -> kurrentdb::Result<u64> {
        let written = self.client.append_to_stream(stream, &expecting(state), events).await?;
        Ok(written.position.commit)
    }

    async fn read(&self, stream: &str, options: &ReadStreamOptions) -> kurrentdb::Result<Vec<ResolvedEvent>> {
        let mut reading = self.client.read_stream(stream, options).await?;
        let mut found = Vec::new();
        while let Some(event) = reading.next().await? {
            found.push(event);
        }
        Ok(found)
    }

    async fn whole(&self, stream: &str) -> kurrentdb::Result<Vec<ResolvedEvent>> {
        self.read(stream, &ReadStreamOptions::default()).await
    }

    async fn log(&self, options: &ReadAllOptions) -> kurrentdb::Result<Vec<ResolvedEvent>> {
        let mut reading = self.client.read_all(options).await?;
        let mut found = Vec::new();
        while let Some(event) = reading.next().await? {
            found.push(event);
        }
        Ok(found)
    }

    async fn appends(&self) -> Outcome {
        let order = stream("order");
        let one = || Ok::<_, Box<dyn std::error::Error>>(vec![happened()?]);
        refused("a stream that is not there", self.append(&order, StreamState::StreamExists, one()?).await, is_wrong)?;
        refused(
            "a revision that is not there",
            self.append(&order, StreamState::StreamRevision(0), one()?).await,
            is_wrong,
        )?;
        let first = happened()?;
        let position = self.append(&order, StreamState::NoStream, vec![first.clone()]).await?;
        let again = self.append(&order, StreamState::NoStream, vec![first]).await?;
        same("a repeated append's position", again, position)?;
        refused(
            "beginning a stream that is there",
            self.append(&order, StreamState::NoStream, one()?).await,
            is_wrong,
        )?;
        self.append(&order, StreamState::StreamRevision(0), one()?).await?;
        refused("an old revision", self.append(&order, StreamState::StreamRevision(0), one()?).await, is_wrong)?;
        self.append(&order, StreamState::StreamExists, one()?).await?;
        let (several, events) = some(3)?;
        let last = self.append(&order, StreamState::Any, events.clone()).await?;
        same("the position of several repeated events", self.append(&order, StreamState::Any, events).await?, last)?;
        let found = self.whole(&order).await?;
        same("revisions", revisions(&found), vec![0, 1, 2, 3, 4, 5])?;
        same("ids of several events", ids(&found[3..]), several)?;
        same("the last position", found[5].get_original_event().position.commit, last)?;
        refused("appending to a payment", self.append("payment-1", StreamState::Any, one()?).await, is_denied)?;
        let (many, events) = some(3000)?;
        let long = stream("many");
        self.append(&long, StreamState::NoStream, events).await?;
        same("a long append", ids(&self.whole(&long).await?), many)
    }

    async fn batches(&self) -> Outcome {
        let order = stream("batch");
        let batch = self.client.batch_append(&kurrentdb::BatchAppendOptions::default()).await?;
        let (first, events) = some(500)?;
        let written = batch.append_to_stream(&order, StreamState::NoStream, events).await?;
        same("a batch's last revision", written.current_revision(), Some(499))?;
        let (second, events) = some(2)?;
        batch.append_to_stream(&order, StreamState::StreamRevision(499), events).await?;
        let (_, events) = some(1)?;
        let wrong = batch.append_to_stream(&order, StreamState::StreamRevision(7), events).await;
        refused("a batch after an old revision", wrong, |_| true)?;
        same("what batches wrote", ids(&self.whole(&order).await?), [first, second].concat())
    }

    async fn reads(&self) -> Outcome {
        let kept = stream("kept");
        let binary: Vec<u8> = (0..=255).collect();
        let events = vec![
            event("Kept", &json!({"amount": "1.50"}))?.metadata_as_json(&json!({"who": "me"}))?,
            EventData::binary("Kept", binary.clone().into()).id(Uuid::new_v4()).metadata(vec![0, 255].into()),
        ];
        self.append(&kept, StreamState::NoStream, events).await?;
        let found = self.whole(&kept).await?;
        let (text, bytes) = (found[0].get_original_event(), found[1].get_original_event());
        same("text", (text.is_json, text.as_json::<Value>()?), (true, json!({"amount": "1.50"})))?;
        same("its metadata", serde_json::from_slice::<Value>(&text.custom_metadata)?, json!({"who": "me"}))?;
        same(
            "bytes",
            (bytes.is_json, bytes.data.to_vec(), bytes.custom_metadata.to_vec()),
            (false, binary, vec![0, 255]),
        )?;
        let all = ids(&found);
        let back = self.read(&kept, &ReadStreamOptions::default().position(StreamPosition::End).backwards()).await?;
        same("backwards", ids(&back), all.iter().rev().copied().collect())?;
        let rest = self.read(&kept, &ReadStreamOptions::default().position(StreamPosition::Position(1))).await?;
        same("from revision 1", ids(&rest), all[1..].to_vec())?;
        let last = ReadStreamOptions::default().position(StreamPosition::End).backwards().max_count(1);
        same("one from the end", ids(&self.read(&kept, &last).await?), all[1..].to_vec())?;
        refused("reading what is not there", self.whole(&stream("nothing")).await, is_missing)?;
        let start = text.position;
        let mut after = self.log(&ReadAllOptions::default().position(StreamPosition::Position(start))).await?;
        after.retain(|event| event.get_original_stream_id() == kept);
        same("the log from a position on", ids(&after), all.clone())?;
        let before = ReadAllOptions::default().position(StreamPosition::Position(start)).backwards().max_count(3);
        let before: Vec<u64> =
            self.log(&before).await?.iter().map(|event| event.get_original_event().position.commit).collect();
        same("the log before a position", before, (start.commit - 3..start.commit).rev().collect())?;
        let by_name = ReadAllOptions::default().filter(SubscriptionFilter::on_stream_name().add_prefix(&kept));
        same("the log by a stream's name", ids(&self.log(&by_name).await?), all)?;
        let kinds = SubscriptionFilter::on_event_type().regex("^Kept$");
        let kinds = self.log(&ReadAllOptions::default().filter(kinds)).await?;
        same("the log by type", kinds.iter().all(|event| event.get_original_event().event_type == "Kept"), true)?;
        same("some of that type", kinds.len() >= 2, true)
    }

    async fn follows(&self) -> Outcome {
        let followed = stream("followed");
        let (mut expected, events) = some(40)?;
        self.append(&followed, StreamState::NoStream, events).await?;
        let filter = || SubscriptionFilter::on_stream_name().add_prefix(&followed);
        let of_stream = SubscribeToStreamOptions::default().start_from(StreamPosition::Start);
        let mut of_stream = self.client.subscribe_to_stream(followed.as_str(), &of_stream).await;
        let of_log = SubscribeToAllOptions::default().position(StreamPosition::Start).filter(filter());
        let mut of_log = self.client.subscribe_to_all(&of_log).await;
        let early = [take(&mut of_stream, 40).await?, take(&mut of_log, 40).await?];
        for _ in 0..40 {
            let (ids, events) = some(1)?;
            expected.extend(ids);
            self.append(&followed, StreamState::Any, events).await?;
        }
        let late = [take(&mut of_stream, 40).await?, take(&mut of_log, 40).await?];
        for (early, late) in early.iter().zip(&late) {
            same("what a follower was told", [ids(early), ids(late)].concat(), expected.clone())?;
        }
        let at = late[1][19].get_original_event().position;
        let resumed = SubscribeToAllOptions::default().position(StreamPosition::Position(at)).filter(filter());
        let mut resumed = self.client.subscribe_to_all(&resumed).await;
        same("what a follower who comes back is told", ids(&take(&mut resumed, 20).await?), expected[60..].to_vec())
    }

    async fn metadata(&self) -> Outcome {
        let described = stream("described");
        self.append(&described, StreamState::NoStream, some(5)?.1).await?;
        let told = self.client.get_stream_metadata(described.as_str(), &ReadStreamOptions::default()).await?;
        same("metadata of a stream without", told.is_not_found(), true)?;
        let two = StreamMetadata::builder().max_count(2).insert_custom_property("mine", "x").build();
        self.client.set_stream_metadata(described.as_str(), &expecting(StreamState::Any), &two).await?;
        let told = self.client.get_stream_metadata(described.as_str(), &ReadStreamOptions::default()).await?;
        let kurrentdb::StreamMetadataResult::Success(told) = told else { return Err("no metadata".into()) };
        same("metadata", (told.version(), told.metadata().max_count), (0, Some(2)))?;
        same("the last two", revisions(&self.whole(&described).await?), vec![3, 4])?;
        let none = StreamMetadata::new();
        let old = self.client.set_stream_metadata(described.as_str(), &expecting(StreamState::NoStream), &none).await;
        refused("metadata over an old version", old, is_wrong)?;
        let cut = StreamMetadata::builder().truncate_before(4).build();
        let after = expecting(StreamState::StreamRevision(0));
        self.client.set_stream_metadata(described.as_str(), &after, &cut).await?;
        same("from revision 4", revisions(&self.whole(&described).await?), vec![4])
    }

    async fn deletes(&self) -> Outcome {
        let gone = stream("gone");
        self.append(&gone, StreamState::NoStream, some(2)?.1).await?;
        let after = |state| DeleteStreamOptions::default().stream_state(state);
        let old = self.client.delete_stream(gone.as_str(), &after(StreamState::StreamRevision(0))).await;
        // The crate has a word of its own for this of appends alone.
        refused("deleting after an old revision", old, |error| error.to_string().contains("WrongExpectedVersion"))?;
        self.client.delete_stream(gone.as_str(), &after(StreamState::StreamRevision(1))).await?;
        refused("reading a deleted stream", self.whole(&gone).await, is_missing)?;
        self.append(&gone, StreamState::NoStream, some(1)?.1).await?;
        same("what came after", revisions(&self.whole(&gone).await?), vec![2])?;
        let end = |state| TombstoneStreamOptions::default().stream_state(state);
        self.client.tombstone_stream(gone.as_str(), &end(StreamState::StreamRevision(2))).await?;
        refused("reading an ended stream", self.whole(&gone).await, is_over)?;
        refused("appending to an ended stream", self.append(&gone, StreamState::Any, some(1)?.1).await, is_over)?;
        let again = self.client.tombstone_stream(gone.as_str(), &end(StreamState::Any)).await;
        refused("ending an ended stream", again, is_over)?;
        let payment = self.client.delete_stream("payment-1", &after(StreamState::Any)).await;
        refused("deleting a payment", payment, is_denied)
    }

    async fn settles(&self, payment: &str) -> Outcome {
        let of_payment = format!("payment-{payment}");
        let ordered = self.whole(&of_payment).await?;
        let amount = ordered[0].get_original_event().as_json::<Value>()?["amount"].clone();
        let day = ordered[0].get_original_event().created.date_naive().to_string();
        let settled = json!({"attempt": 1, "settled_on": day, "amount": amount, "evidence": {"kind": "statement", "reference": "of the crate"}});
        let mut named = settled.clone();
        named["name"] = json!("Sáu");
        let state = StreamState::StreamRevision(0);
        let told = async |data: &Value| {
            self.append(&of_payment, state, vec![event("PaymentSettled", data)?]).await.map_err(Into::into)
        };
        let with_name: Outcome<u64> = told(&named).await;
        same("a settlement with a name in it", with_name.is_err(), true)?;
        let elsewhere =
            self.append(&of_payment, StreamState::StreamRevision(7), vec![event("PaymentSettled", &settled)?]).await;
        refused("a settlement of another revision", elsewhere, is_wrong)?;
        let one = event("PaymentSettled", &settled)?;
        let position = self.append(&of_payment, state, vec![one.clone()]).await?;
        same("the same settlement again", self.append(&of_payment, state, vec![one]).await?, position)?;
        let last = self.whole(&of_payment).await?;
        same("the settlement as recorded", last[1].get_original_event().as_json::<Value>()?, settled.clone())?;
        let mut other = settled;
        other["evidence"]["reference"] = json!("another");
        let twice = self.append(&of_payment, StreamState::Any, vec![event("PaymentSettled", &other)?]).await;
        refused("a second settlement", twice, is_denied)
    }

    async fn categories(&self) -> Outcome {
        let category = format!("crate{}", Uuid::new_v4().simple());
        let mut expected = Vec::new();
        for number in 0..6 {
            let (ids, events) = some(1)?;
            expected.extend(ids);
            self.append(&format!("{category}-{}", number % 3), StreamState::Any, events).await?;
        }
        let links = ReadStreamOptions::default().resolve_link_tos();
        let found = self.read(&format!("$ce-{category}"), &links).await?;
        let named: Vec<Uuid> = found.iter().filter_map(|event| event.event.as_ref().map(|event| event.id)).collect();
        same("a category", named, expected)
    }
}

/// The next events of a subscription.
async fn take(subscription: &mut Subscription, count: usize) -> Outcome<Vec<ResolvedEvent>> {
    let mut found = Vec::new();
    while found.len() < count {
        found.push(tokio::time::timeout(Duration::from_secs(60), subscription.next()).await??);
    }
    Ok(found)
}

async fn speak(address: &str, payment: Option<&str>) -> Outcome {
    let speaker = Speaker { client: Client::new(address.parse()?).map_err(|error| error.to_string())? };
    let say = |what: &str| println!("   the crate kurrentdb: {what}");
    speaker.appends().await?;
    say("appends");
    speaker.batches().await?;
    say("batches");
    speaker.reads().await?;
    say("reads");
    speaker.follows().await?;
    say("follows");
    speaker.metadata().await?;
    say("metadata");
    speaker.deletes().await?;
    say("deletes");
    speaker.groups().await?;
    say("groups");
    speaker.categories().await?;
    say("categories");
    if let Some(payment) = payment {
        speaker.settles(payment).await?;
        say("settles a payment");
    }
    Ok(())
}

#[tokio::main]
async fn main() -> std::process::ExitCode {
    let places: Vec<String> = std::env::args().skip(1).collect();
    let Some(address) = places.first() else {
        eprintln!("kurrentdb-client ADDRESS [PAYMENT]");
        return std::process::ExitCode::FAILURE;
    };
    match speak(address, places.get(1).map(String::as_str)).await {
        Ok(()) => std::process::ExitCode::SUCCESS,
        Err(difference) => {
            eprintln!("the crate kurrentdb: {difference}");
            std::process::ExitCode::FAILURE
        }
    }
}
