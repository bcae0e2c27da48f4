//! Read: a stream or the log, up to its end of now.

use super::convert::{IdForm, read_event, read_name};
use super::follow;
use super::proto::client::streams::read_req::Options;
use super::proto::client::streams::read_req::options::{
    AllOptions, CountOption, FilterOption, ReadDirection, StreamOption, StreamOptions, all_options, filter_options,
    stream_options, uuid_option,
};
use super::proto::client::streams::{ReadResp, read_resp};
use super::server::Doors;
use super::status::{self, invalid};
use crate::app::eventstore::filter::{Filter, Part};
use crate::app::eventstore::read::{LogReader, Place, Range, StreamReader, is_link};
use crate::app::eventstore::rights::StreamCaller;
use crate::app::eventstore::{Direction, RecordedEvent};
use futures_util::Stream;
use futures_util::stream;
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use tonic::Status;

/// What a read answers, message by message.
pub(super) type Answers = Pin<Box<dyn Stream<Item = Result<ReadResp, Status>> + Send>>;

/// How the answers are to look.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub form: IdForm,
    pub resolve_links: bool,
    /// The reader understands the last place of a stream.
    pub tells_places: bool,
}

/// A message of a read.
pub(super) const fn message(content: read_resp::Content) -> ReadResp {
    ReadResp { content: Some(content) }
}

/// Begins a read or a subscription: what cannot be read is refused before the first message.
pub(super) async fn read(doors: &Arc<Doors>, caller: StreamCaller, options: Options) -> Result<Answers, Status> {
    let look = Look {
        form: match options.uuid_option.and_then(|option| option.content) {
            Some(uuid_option::Content::Structured(_)) => IdForm::Structured,
            Some(uuid_option::Content::String(_)) => IdForm::Text,
            None => return Err(invalid("The form of ids (uuid_option) is missing.")),
        },
        resolve_links: options.resolve_links,
        tells_places: options.control_option.is_some_and(|option| option.compatibility >= 1),
    };
    let direction = match ReadDirection::try_from(options.read_direction) {
        Ok(ReadDirection::Forwards) => Direction::Forwards,
        Ok(ReadDirection::Backwards) => Direction::Backwards,
        Err(_) => return Err(invalid("The direction is neither forwards nor backwards.")),
    };
    let filter = options.filter_option;
    let has_filter = matches!(filter, Some(FilterOption::Filter(_)));
    match (options.stream_option, options.count_option) {
        (None, _) => Err(invalid("What is to be read is missing.")),
        (_, None) => Err(invalid("How many events are to be read is missing.")),
        (Some(StreamOption::Stream(_)), _) if has_filter => Err(invalid("Only the whole log is read with a filter.")),
        (_, Some(CountOption::Subscription(_))) if direction == Direction::Backwards => {
            Err(invalid("A subscription goes forwards."))
        }
        (Some(StreamOption::Stream(asked)), Some(CountOption::Subscription(_))) => {
            let (stream, from) = stream_place(&asked, Place::Start)?;
            follow::stream(doors, &caller, (&stream, from), look).await
        }
        (Some(StreamOption::All(asked)), Some(CountOption::Subscription(_))) => {
            let every = checkpoint_every(filter.as_ref())?;
            follow::log(doors, &caller, (log_place(asked, Place::Start), log_filter(filter)?, every), look).await
        }
        (Some(StreamOption::Stream(asked)), Some(CountOption::Count(count))) => {
            let (stream, from) = stream_place(&asked, default_place(direction))?;
            let range = Range { from, direction, count };
            let reader = doors.app.read_one(&caller, &stream, range).await.map_err(status::of)?;
            Ok(reader.map_or_else(|| not_found(&stream), |reader| of_stream(doors, reader, look)))
        }
        (Some(StreamOption::All(asked)), Some(CountOption::Count(count))) => {
            let range = Range { from: log_place(asked, default_place(direction)), direction, count };
            let reader = doors.app.read_log(&caller, range, log_filter(filter)?).map_err(status::of)?;
            Ok(of_log(doors, reader, look))
        }
    }
}

const fn default_place(direction: Direction) -> Place {
    match direction {
        Direction::Forwards => Place::Start,
        Direction::Backwards => Place::End,
    }
}

fn stream_place(asked: &StreamOptions, default: Place) -> Result<(String, Place), Status> {
    let stream = read_name(asked.stream_identifier.as_ref())?;
    let place = match &asked.revision_option {
        Some(stream_options::RevisionOption::Revision(revision)) => Place::At(*revision),
        Some(stream_options::RevisionOption::Start(_)) => Place::Start,
        Some(stream_options::RevisionOption::End(_)) => Place::End,
        None => default,
    };
    Ok((stream, place))
}

/// The largest number means the end in older clients.
fn log_place(asked: AllOptions, default: Place) -> Place {
    match asked.all_option {
        Some(all_options::AllOption::Position(position)) if position.commit_position == u64::MAX => Place::End,
        Some(all_options::AllOption::Position(position)) => Place::At(position.commit_position),
        Some(all_options::AllOption::Start(_)) => Place::Start,
        Some(all_options::AllOption::End(_)) => Place::End,
        None => default,
    }
}

fn log_filter(asked: Option<FilterOption>) -> Result<Filter, Status> {
    let Some(FilterOption::Filter(asked)) = asked else { return Ok(Filter::default()) };
    let (part, expression) = match asked.filter {
        Some(filter_options::Filter::StreamIdentifier(expression)) => (Part::Stream, expression),
        Some(filter_options::Filter::EventType(expression)) => (Part::Type, expression),
        None => return Err(invalid("A filter is by stream or by event type.")),
    };
    Filter::new(part, &expression.regex, expression.prefix).map_err(status::of)
}

/// After how many events a subscriber with a filter hears where the search is.
fn checkpoint_every(asked: Option<&FilterOption>) -> Result<Option<u64>, Status> {
    let Some(FilterOption::Filter(asked)) = asked else { return Ok(None) };
    let window = match &asked.window {
        Some(filter_options::Window::Max(max)) if *max > 0 => u64::from(*max),
        Some(filter_options::Window::Max(_)) => return Err(invalid("A filter's window is at least 1.")),
        Some(filter_options::Window::Count(_)) | None => 32,
    };
    if asked.checkpoint_interval_multiplier == 0 {
        return Err(invalid("A filter's checkpoint interval multiplier is at least 1."));
    }
    Ok(Some(window.saturating_mul(u64::from(asked.checkpoint_interval_multiplier))))
}

fn not_found(stream: &str) -> Answers {
    let stream_identifier = Some(super::convert::name(stream));
    let content = read_resp::Content::StreamNotFound(read_resp::StreamNotFound { stream_identifier });
    Box::pin(stream::iter([Ok(message(content))]))
}

/// One event as a message; a link is followed if that was asked.
pub(super) async fn event(doors: &Doors, event: RecordedEvent, look: Look) -> Result<ReadResp, Status> {
    let read = if look.resolve_links && is_link(&event) {
        let linked = doors.app.linked(&event).await.map_err(|error| status::of(error.into()))?;
        read_event(linked, Some(event), look.form)
    } else {
        read_event(Some(event), None, look.form)
    };
    Ok(message(read_resp::Content::Event(read)))
}

struct Reading<R> {
    doors: Arc<Doors>,
    reader: R,
    look: Look,
    ready: VecDeque<RecordedEvent>,
    is_over: bool,
}

fn of_stream(doors: &Arc<Doors>, reader: StreamReader, look: Look) -> Answers {
    let reading = Reading { doors: Arc::clone(doors), reader, look, ready: VecDeque::new(), is_over: false };
    Box::pin(stream::unfold(reading, |mut reading| async move {
        if reading.is_over {
            return None;
        }
        if reading.ready.is_empty() {
            match reading.reader.page().await {
                Ok(page) => reading.ready.extend(page),
                Err(error) => {
                    reading.is_over = true;
                    return Some((Err(status::of(error.into())), reading));
                }
            }
        }
        let answer = if let Some(read) = reading.ready.pop_front() {
            event(&reading.doors, read, reading.look).await
        } else {
            reading.is_over = true;
            let last = reading.reader.standing.revision().filter(|_| reading.look.tells_places)?;
            Ok(message(read_resp::Content::LastStreamPosition(last)))
        };
        Some((answer, reading))
    }))
}

fn of_log(doors: &Arc<Doors>, reader: LogReader, look: Look) -> Answers {
    let reading = Reading { doors: Arc::clone(doors), reader, look, ready: VecDeque::new(), is_over: false };
    Box::pin(stream::unfold(reading, |mut reading| async move {
        if reading.is_over {
            return None;
        }
        while reading.ready.is_empty() {
            match reading.reader.page().await {
                Ok(Some(page)) => reading.ready.extend(page),
                Ok(None) => return None,
                Err(error) => {
                    reading.is_over = true;
                    return Some((Err(status::of(error)), reading));
                }
            }
        }
        let read = reading.ready.pop_front()?;
        let answer = event(&reading.doors, read, reading.look).await;
        Some((answer, reading))
    }))
}
