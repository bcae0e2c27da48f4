//! What is told of a group, as a message.

use super::super::proto::client::persistent_subscriptions::SubscriptionInfo;
use super::super::proto::client::persistent_subscriptions::subscription_info::ConnectionInfo;
use crate::app::eventstore::groups::info::{GroupInfo, MemberInfo};
use crate::app::eventstore::groups::settings::{GroupName, StartFrom};

/// A count, as large as the message takes.
fn small(count: impl TryInto<i32>) -> i32 {
    count.try_into().unwrap_or(i32::MAX)
}

fn large(count: impl TryInto<i64>) -> i64 {
    count.try_into().unwrap_or(i64::MAX)
}

/// A revision, or a position of the log.
fn place(name: &GroupName, number: u64) -> String {
    if name.is_of_log() { format!("C:{number}/P:{number}") } else { number.to_string() }
}

pub(super) fn shown(info: GroupInfo) -> SubscriptionInfo {
    let GroupInfo { name, settings, .. } = &info;
    let start_from = match settings.start_from {
        StartFrom::End if name.is_of_log() => "C:-1/P:-1".to_owned(),
        StartFrom::End => "-1".to_owned(),
        StartFrom::Start => place(name, 0),
        StartFrom::At(number) => place(name, number),
    };
    SubscriptionInfo {
        event_source: name.source.clone(),
        group_name: name.group.clone(),
        status: "Live".to_owned(),
        average_per_second: small(info.per_second),
        total_items: large(info.total),
        count_since_last_measurement: large(info.since_asked),
        last_checkpointed_event_position: info.checkpoint.map(|number| place(name, number)).unwrap_or_default(),
        last_known_event_position: info.known.map(|number| place(name, number)).unwrap_or_default(),
        resolve_link_tos: settings.resolve_links,
        start_from,
        message_timeout_milliseconds: small(settings.message_timeout_ms),
        extra_statistics: settings.extra_statistics,
        max_retry_count: small(settings.max_retry_count),
        live_buffer_size: small(settings.live_buffer_size),
        buffer_size: small(settings.history_buffer_size),
        read_batch_size: small(settings.read_batch_size),
        check_point_after_milliseconds: small(settings.checkpoint_after_ms),
        min_check_point_count: small(settings.min_checkpoint_count),
        max_check_point_count: small(settings.max_checkpoint_count),
        read_buffer_count: small(info.fresh),
        live_buffer_count: large(info.fresh),
        retry_buffer_count: small(info.again),
        total_in_flight_messages: small(info.in_flight),
        outstanding_messages_count: small(info.in_flight),
        named_consumer_strategy: settings.strategy.to_string(),
        max_subscriber_count: small(settings.max_subscriber_count),
        parked_message_count: large(info.parked),
        connections: info.members.into_iter().map(connection).collect(),
    }
}

fn connection(member: MemberInfo) -> ConnectionInfo {
    ConnectionInfo {
        from: member.from,
        username: member.username,
        average_items_per_second: small(member.per_second),
        total_items: large(member.total),
        count_since_last_measurement: large(member.since_asked),
        observed_measurements: Vec::new(),
        available_slots: small(member.buffer.saturating_sub(member.in_flight)),
        in_flight_messages: small(member.in_flight),
        connection_name: member.connection_name,
    }
}
