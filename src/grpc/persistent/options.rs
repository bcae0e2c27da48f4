//! What a group is told at its beginning, out of the older and the newer forms of the messages.

use super::super::convert::read_name;
use super::super::proto::client::StreamIdentifier;
use super::super::proto::client::persistent_subscriptions::settings::{
    CheckpointAfter, ConsumerStrategy, MessageTimeout,
};
use super::super::proto::client::persistent_subscriptions::{
    AllOptions, Settings, StreamOptions, all_options, create_req, stream_options, update_req,
};
use super::super::proto::client::streams::read_req::options::{FilterOptions, filter_options};
use super::super::status::{self, invalid};
use crate::app::eventstore::groups::GroupError;
use crate::app::eventstore::groups::settings::{ALL, GroupFilter, GroupName, GroupSettings, StartFrom, Strategy};
use tonic::Status;

/// What a group is of, as a message names it.
pub(super) enum Source {
    Stream(StreamIdentifier),
    Log,
}

/// A group's name.
pub(super) fn name_of(source: Option<Source>, group: String) -> Result<GroupName, Status> {
    let source = match source {
        None => return Err(invalid("The stream is missing.")),
        Some(Source::Log) => ALL.to_owned(),
        Some(Source::Stream(stream)) => read_name(Some(&stream))?,
    };
    if group.is_empty() || group.contains('\0') {
        return Err(invalid("A group's name is not empty and has no zero byte."));
    }
    Ok(GroupName { source, group })
}

/// Of a new group.
pub(super) fn of_create(options: create_req::Options) -> Result<(GroupName, GroupSettings), Status> {
    use create_req::options::StreamOption;
    let settings = options.settings.ok_or_else(|| invalid("The settings are missing."))?;
    let (stream, start_from, filter) = match options.stream_option {
        Some(StreamOption::Stream(of)) => (of.stream_identifier.clone().map(Source::Stream), of_stream(&of), None),
        Some(StreamOption::All(of)) => (Some(Source::Log), of_log(&of), filter(of)?),
        None => (options.stream_identifier.map(Source::Stream), older_start(&settings), None),
    };
    let name = name_of(stream, options.group_name)?;
    let settings = GroupSettings { filter, ..read(&name, &settings, start_from)? };
    Ok((name, settings))
}

/// Of a group that is changed.
pub(super) fn of_update(options: update_req::Options) -> Result<(GroupName, GroupSettings), Status> {
    use update_req::options::StreamOption;
    let settings = options.settings.ok_or_else(|| invalid("The settings are missing."))?;
    let (stream, start_from) = match options.stream_option {
        Some(StreamOption::Stream(of)) => (of.stream_identifier.clone().map(Source::Stream), of_stream(&of)),
        Some(StreamOption::All(of)) => (Some(Source::Log), of_log(&of)),
        None => (options.stream_identifier.map(Source::Stream), older_start(&settings)),
    };
    let name = name_of(stream, options.group_name)?;
    let settings = read(&name, &settings, start_from)?;
    Ok((name, settings))
}

fn of_stream(options: &StreamOptions) -> StartFrom {
    match options.revision_option {
        Some(stream_options::RevisionOption::Revision(u64::MAX) | stream_options::RevisionOption::End(_)) => {
            StartFrom::End
        }
        Some(stream_options::RevisionOption::Revision(revision)) => StartFrom::At(revision),
        Some(stream_options::RevisionOption::Start(_)) | None => StartFrom::Start,
    }
}

fn of_log(options: &AllOptions) -> StartFrom {
    match &options.all_option {
        Some(all_options::AllOption::Position(position)) if position.commit_position == u64::MAX => StartFrom::End,
        Some(all_options::AllOption::Position(position)) => StartFrom::At(position.commit_position),
        Some(all_options::AllOption::End(_)) => StartFrom::End,
        Some(all_options::AllOption::Start(_)) | None => StartFrom::Start,
    }
}

const fn older_start(settings: &Settings) -> StartFrom {
    match settings.revision {
        u64::MAX => StartFrom::End,
        0 => StartFrom::Start,
        revision => StartFrom::At(revision),
    }
}

fn filter(options: AllOptions) -> Result<Option<GroupFilter>, Status> {
    let Some(all_options::FilterOption::Filter(FilterOptions { filter, .. })) = options.filter_option else {
        return Ok(None);
    };
    let (by_type, expression) = match filter {
        Some(filter_options::Filter::StreamIdentifier(expression)) => (false, expression),
        Some(filter_options::Filter::EventType(expression)) => (true, expression),
        None => return Err(invalid("A filter is by stream or by event type.")),
    };
    Ok(Some(GroupFilter { by_type, regex: expression.regex, prefixes: expression.prefix }))
}

fn read(name: &GroupName, settings: &Settings, start_from: StartFrom) -> Result<GroupSettings, Status> {
    let strategy = match settings.consumer_strategy.as_str() {
        "" => match ConsumerStrategy::try_from(settings.named_consumer_strategy) {
            Ok(ConsumerStrategy::DispatchToSingle) => Some(Strategy::DispatchToSingle),
            Ok(ConsumerStrategy::RoundRobin) => Some(Strategy::RoundRobin),
            Ok(ConsumerStrategy::Pinned) => Some(Strategy::Pinned),
            Err(_) => None,
        },
        text => Strategy::parse(text),
    };
    let strategy = strategy.ok_or_else(|| {
        let reason = format!("the consumer strategy {:?} does not exist", settings.consumer_strategy);
        status::of_group(GroupError::Failed { name: name.clone(), reason })
    })?;
    let message_timeout_ms = match settings.message_timeout {
        Some(MessageTimeout::MessageTimeoutMs(ms)) => i64::from(ms),
        Some(MessageTimeout::MessageTimeoutTicks(ticks)) => ticks / 10_000,
        None => 0,
    };
    let checkpoint_after_ms = match settings.checkpoint_after {
        Some(CheckpointAfter::CheckpointAfterMs(ms)) => i64::from(ms),
        Some(CheckpointAfter::CheckpointAfterTicks(ticks)) => ticks / 10_000,
        None => 0,
    };
    Ok(GroupSettings {
        start_from,
        resolve_links: settings.resolve_links,
        extra_statistics: settings.extra_statistics,
        message_timeout_ms: count("message timeout", message_timeout_ms)?,
        max_retry_count: count("max retry count", settings.max_retry_count)?,
        min_checkpoint_count: count("min checkpoint count", settings.min_checkpoint_count)?,
        max_checkpoint_count: count("max checkpoint count", settings.max_checkpoint_count)?,
        checkpoint_after_ms: count("checkpoint after", checkpoint_after_ms)?,
        max_subscriber_count: count("max subscriber count", settings.max_subscriber_count)?,
        live_buffer_size: count("live buffer size", settings.live_buffer_size)?,
        read_batch_size: count("read batch size", settings.read_batch_size)?,
        history_buffer_size: count("history buffer size", settings.history_buffer_size)?,
        strategy,
        filter: None,
    })
}

/// A number from 0 on. What is answered has to fit again.
fn count(what: &str, number: impl Into<i64>) -> Result<u32, Status> {
    let number = number.into();
    if number < 0 {
        return Err(invalid(&format!("The {what} is at least 0.")));
    }
    Ok(i32::try_from(number).unwrap_or(i32::MAX).cast_unsigned())
}
