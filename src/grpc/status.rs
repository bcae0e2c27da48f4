//! The one map from what a stream refuses to a status with typed trailers, as clients of the protocol read them.

use crate::app::eventstore::groups::GroupError;
use crate::app::eventstore::groups::settings::GroupName;
use crate::app::eventstore::{APPEND_BYTES_MAX, EVENT_BYTES_MAX, StreamsError, actual_number};
use crate::app::limits::{ComeAgain, Turned};
use tonic::Status;
use tonic::metadata::AsciiMetadataValue;

/// Which kind of refusal it is.
const KIND: &str = "exception";

/// Adds trailers. A header holds visible ASCII only: what else a name has is shown as `?`.
pub(super) fn with(mut status: Status, trailers: &[(&'static str, String)]) -> Status {
    for (key, value) in trailers {
        let shown: String = value.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' }).collect();
        if let Ok(value) = AsciiMetadataValue::try_from(shown) {
            status.metadata_mut().insert(*key, value);
        }
    }
    status
}

/// What a refusal looks like.
pub(super) fn of(error: StreamsError) -> Status {
    let text = error.to_string();
    match error {
        StreamsError::WrongExpectedVersion { stream, expected, actual } => with(
            Status::failed_precondition(text),
            &[
                (KIND, "wrong-expected-version".to_owned()),
                ("stream-name", stream),
                ("expected-version", expected.number().to_string()),
                ("actual-version", actual_number(actual).to_string()),
            ],
        ),
        StreamsError::Deleted { stream } => {
            with(Status::failed_precondition(text), &[(KIND, "stream-deleted".to_owned()), ("stream-name", stream)])
        }
        StreamsError::AccessDenied(_) => with(Status::permission_denied(text), &[(KIND, "access-denied".to_owned())]),
        StreamsError::Refused { code, .. } => with(
            Status::permission_denied(text),
            &[(KIND, "access-denied".to_owned()), ("reason-code", code.to_owned())],
        ),
        StreamsError::Invalid(_) => Status::invalid_argument(text),
        StreamsError::EventTooLarge { event_id, bytes } => with(
            Status::invalid_argument(text),
            &[
                (KIND, "maximum-append-event-size-exceeded".to_owned()),
                ("event-id", event_id.to_string()),
                ("proposed-event-size", bytes.to_string()),
                ("maximum-append-event-size", EVENT_BYTES_MAX.to_string()),
            ],
        ),
        StreamsError::AppendTooLarge => with(
            Status::invalid_argument(text),
            &[(KIND, "maximum-append-size-exceeded".to_owned()), ("maximum-append-size", APPEND_BYTES_MAX.to_string())],
        ),
        StreamsError::PartlyRecorded { .. } => Status::failed_precondition(text),
        StreamsError::Contended { .. } => Status::aborted(text),
        StreamsError::Store(error) => {
            tracing::error!(%error, "the store failed a caller of the event store protocol: {error}");
            Status::unavailable("The store does not answer now; try again.")
        }
    }
}

/// What it looks like when there is no room for a call. `grpc-retry-pushback-ms` is what clients with a retry policy heed (gRPC proposal A6).
pub(super) fn come_again(turned: ComeAgain) -> Status {
    let ComeAgain { why, after_seconds } = turned;
    let text = match why {
        Turned::RateLimited => format!(
            "Too many calls with this key; nothing of this one was done. Call again in {after_seconds} s, or append many events in one call."
        ),
        Turned::Overloaded | Turned::TooManyFailures => why.detail(after_seconds),
    };
    with(
        Status::resource_exhausted(text),
        &[
            (KIND, why.code().to_owned()),
            ("retry-after", after_seconds.to_string()),
            ("grpc-retry-pushback-ms", after_seconds.saturating_mul(1_000).to_string()),
        ],
    )
}

/// What a refusal of a group of consumers looks like.
pub(super) fn of_group(error: GroupError) -> Status {
    let text = error.to_string();
    match error {
        GroupError::NotFound(name) => no_group(&name.source, &name.group),
        GroupError::Exists(name) => group(Status::already_exists(text), "persistent-subscription-exists", &name),
        GroupError::Failed { name, reason } => {
            with(group(Status::internal(text), "persistent-subscription-failed", &name), &[("reason", reason)])
        }
        GroupError::Full(name) => group(Status::failed_precondition(text), "maximum-subscribers-reached", &name),
        GroupError::Dropped(name) => group(Status::cancelled(text), "persistent-subscription-dropped", &name),
        GroupError::TooSlow => Status::aborted(text),
        GroupError::Elsewhere | GroupError::Stopped => Status::unavailable(text),
        GroupError::Streams(error) => of(error),
    }
}

fn group(status: Status, kind: &str, name: &GroupName) -> Status {
    let trailers = [(KIND, kind.to_owned()), ("stream-name", name.source.clone()), ("group-name", name.group.clone())];
    with(status, &trailers)
}

/// There is no such group, or none at all.
pub(super) fn no_group(source: &str, group_name: &str) -> Status {
    let name = GroupName { source: source.to_owned(), group: group_name.to_owned() };
    let text = GroupError::NotFound(name.clone()).to_string();
    group(Status::not_found(text), "persistent-subscription-does-not-exist", &name)
}

/// A call that is wrong in itself.
pub(super) fn invalid(text: &str) -> Status {
    Status::invalid_argument(text)
}
