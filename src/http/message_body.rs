//! The body of a bank's message, read within bounds of memory and time: whoever sends has proved nothing yet, for the signature is over the
//! body.

use crate::app::banks::callback::MESSAGE_BYTES_MAX;
use crate::http::problem::Problem;
use actix_web::web::Bytes;
use futures_util::{Stream, StreamExt};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

/// How much of bodies is in memory at a time, in this process.
const ROOM_BYTES: usize = 4 * MESSAGE_BYTES_MAX;
/// Room is given in pieces of so many bytes, as they come: a sender who only says how long a message will be takes none.
const PIECE_BYTES: usize = 64 << 10;
const PACE: Pace = Pace { piece: Duration::from_secs(10), whole: Duration::from_mins(2) };

/// How long a sender may take.
#[derive(Debug, Clone, Copy)]
struct Pace {
    /// Without sending anything.
    piece: Duration,
    whole: Duration,
}

/// Room for the bodies of messages, shared by all requests.
#[derive(Clone)]
pub struct Room {
    pieces: Arc<Semaphore>,
    pace: Pace,
}

impl Default for Room {
    fn default() -> Self {
        Self { pieces: Arc::new(Semaphore::new(ROOM_BYTES / PIECE_BYTES)), pace: PACE }
    }
}

/// A body, and the room that it takes until it is let go.
pub struct Held {
    pub bytes: Vec<u8>,
    room: Vec<OwnedSemaphorePermit>,
}

impl Room {
    /// Reads a body to its end, or says why not: too long, too slow, or too many at a time.
    pub async fn read<E>(&self, body: impl Stream<Item = Result<Bytes, E>>) -> Result<Held, Problem> {
        let mut body = std::pin::pin!(body);
        let end = Instant::now() + self.pace.whole;
        let mut held = Held { bytes: Vec::new(), room: Vec::new() };
        loop {
            let until = end.min(Instant::now() + self.pace.piece);
            let piece = timeout_at(until, body.next()).await.map_err(|_| Problem::TooSlow)?;
            let Some(piece) = piece else { return Ok(held) };
            let piece = piece.map_err(|_| Problem::BadRequest {
                code: "body-unreadable",
                detail: "The body could not be read to its end.".to_owned(),
            })?;
            self.keep(&mut held, &piece)?;
        }
    }

    fn keep(&self, held: &mut Held, piece: &[u8]) -> Result<(), Problem> {
        let length = held.bytes.len() + piece.len();
        if length > MESSAGE_BYTES_MAX {
            return Err(Problem::MessageTooLarge { limit_bytes: MESSAGE_BYTES_MAX as u64 });
        }
        while held.room.len() * PIECE_BYTES < length {
            let permit = Arc::clone(&self.pieces).try_acquire_owned();
            held.room.push(permit.map_err(|_| Problem::TooManyMessages)?);
        }
        held.bytes.extend_from_slice(piece);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;

    type Pieces = Vec<Result<Bytes, ()>>;

    fn room(pieces: usize) -> Room {
        let pace = Pace { piece: Duration::from_millis(40), whole: Duration::from_millis(120) };
        Room { pieces: Arc::new(Semaphore::new(pieces)), pace }
    }

    fn of(length: usize) -> Pieces {
        vec![Ok(Bytes::from(vec![b'x'; length]))]
    }

    fn code(answer: Result<Held, Problem>) -> u16 {
        answer.map(|held| held.bytes.len()).map_err(|problem| problem.response("", None).status().as_u16()).unwrap_err()
    }

    #[tokio::test]
    async fn bodies_share_the_room_until_they_are_let_go() {
        let room = room(3);
        let first = room.read(stream::iter(of(PIECE_BYTES + 1))).await.unwrap();
        let second = room.read(stream::iter(of(PIECE_BYTES))).await.unwrap();
        assert_eq!((first.bytes.len(), second.bytes.len()), (PIECE_BYTES + 1, PIECE_BYTES));
        assert_eq!(code(room.read(stream::iter(of(1))).await), 503);
        assert_eq!(room.read(stream::iter(of(0))).await.unwrap().bytes.len(), 0);
        drop(second);
        assert_eq!(room.read(stream::iter(of(1))).await.unwrap().bytes.len(), 1);
    }

    #[tokio::test]
    async fn a_body_that_stops_coming_or_comes_too_slowly_is_given_up() {
        let (room, piece) = (room(100), || Ok::<_, ()>(Bytes::from_static(b"x")));
        let stops = stream::iter([piece()]).chain(stream::pending());
        assert_eq!(code(room.read(stops).await), 408);
        let drips = stream::unfold((), |()| async move {
            tokio::time::sleep(Duration::from_millis(10)).await;
            Some((piece(), ()))
        });
        assert_eq!(code(room.read(drips).await), 408);
        assert_eq!(room.pieces.available_permits(), 100);
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_or_is_too_long_is_refused() {
        let room = room(1_000);
        assert_eq!(code(room.read(stream::iter([Ok(Bytes::from_static(b"x")), Err(())])).await), 400);
        assert_eq!(code(room.read(stream::iter(of(MESSAGE_BYTES_MAX + 1))).await), 413);
        assert_eq!(room.read(stream::iter(of(MESSAGE_BYTES_MAX))).await.unwrap().bytes.len(), MESSAGE_BYTES_MAX);
    }
}
