//! Read with a subscription: what is there, then what comes, until the caller goes or the server stops.

use super::proto::client::streams::{ReadResp, read_resp};
use super::read::{Answers, Look, event, message};
use super::server::Doors;
use super::status;
use crate::app::eventstore::filter::Filter;
use crate::app::eventstore::follow::{Follower, News};
use crate::app::eventstore::read::Place;
use crate::app::eventstore::rights::StreamCaller;
use futures_util::stream;
use prost_types::Timestamp;
use std::sync::Arc;
use tokio::sync::watch;
use tonic::Status;

/// Follows a stream after a revision.
pub(super) async fn stream(
    doors: &Arc<Doors>,
    caller: &StreamCaller,
    (stream, from): (&str, Place),
    look: Look,
) -> Result<Answers, Status> {
    let follower = doors.app.follow_stream((caller, &doors.tail), stream, from).await.map_err(status::of)?;
    Ok(answers(doors, follower, (look, Followed::Stream)))
}

/// Follows the log after a position.
pub(super) async fn log(
    doors: &Arc<Doors>,
    caller: &StreamCaller,
    (from, filter, every): (Place, Filter, Option<u64>),
    look: Look,
) -> Result<Answers, Status> {
    let follower = doors.app.follow_log((caller, &doors.tail), from, filter, every).await.map_err(status::of)?;
    Ok(answers(doors, follower, (look, Followed::Log)))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Followed {
    Log,
    Stream,
}

struct Following {
    doors: Arc<Doors>,
    follower: Follower,
    look: Look,
    followed: Followed,
    stop: watch::Receiver<bool>,
    is_confirmed: bool,
    is_over: bool,
}

fn answers(doors: &Arc<Doors>, follower: Follower, (look, followed): (Look, Followed)) -> Answers {
    let (doors, stop) = (Arc::clone(doors), doors.stop.clone());
    let following = Following { doors, follower, look, followed, stop, is_confirmed: false, is_over: false };
    Box::pin(stream::unfold(following, |mut following| async move {
        if following.is_over {
            return None;
        }
        let answer = following.next().await;
        following.is_over = answer.is_err();
        Some((answer, following))
    }))
}

impl Following {
    async fn next(&mut self) -> Result<ReadResp, Status> {
        if !self.is_confirmed {
            self.is_confirmed = true;
            let subscription_id = self.doors.app.clock.opaque_id().to_string();
            let confirmation = read_resp::SubscriptionConfirmation { subscription_id };
            return Ok(message(read_resp::Content::Confirmation(confirmation)));
        }
        let news = tokio::select! {
            news = self.follower.next() => news.map_err(status::of)?,
            _ = self.stop.wait_for(|stopped| *stopped) => {
                return Err(Status::unavailable("The server stops; subscribe again from where you are."));
            }
        };
        let timestamp = Some(timestamp(self.doors.app.clock.now_us()));
        match news {
            News::Event(read) => event(&self.doors, *read, self.look).await,
            News::Checkpoint(position) => Ok(message(read_resp::Content::Checkpoint(read_resp::Checkpoint {
                commit_position: position,
                prepare_position: position,
                timestamp,
            }))),
            News::CaughtUp { last } => {
                let place = |position| read_resp::Position { commit_position: position, prepare_position: position };
                let (stream_revision, position) = match self.followed {
                    Followed::Log => (None, last.map(place)),
                    Followed::Stream => (last.and_then(|last| i64::try_from(last).ok()), None),
                };
                let caught_up = read_resp::CaughtUp { timestamp, stream_revision, position };
                Ok(message(read_resp::Content::CaughtUp(caught_up)))
            }
        }
    }
}

fn timestamp(us: i64) -> Timestamp {
    let nanos = i32::try_from(us.rem_euclid(1_000_000) * 1000).unwrap_or(0);
    Timestamp { seconds: us.div_euclid(1_000_000), nanos }
}
