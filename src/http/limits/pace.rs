//! The pace of a body: who sends nothing for a while is cut off, so that no place is held by one who only says that he will send.

use crate::http::problem::Problem;
use crate::http::server::JSON_BODY_BYTES_MAX;
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::web::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt, stream};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How long a sender may take.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Without sending anything.
    pub piece: Duration,
    /// Altogether; `None` for files, which are long.
    pub whole: Option<Duration>,
}

/// Of bodies that are read before the request is worked on.
pub const SHORT: Pace = Pace { piece: Duration::from_secs(10), whole: Some(Duration::from_secs(30)) };
/// Of files.
pub const LONG: Pace = Pace { piece: Duration::from_secs(30), whole: None };

/// Of a request that is turned away: how long its body may still be on its way, and how long it may be.
const AT_ONCE: Duration = Duration::from_millis(20);
const LET_GO_BYTES_MAX: usize = 64 * 1024;

type Pieces = std::pin::Pin<Box<dyn Stream<Item = Result<Bytes, PayloadError>>>>;

/// Reads a short body to its end, or says why not.
pub async fn read_short(payload: Payload, pace: Pace) -> Result<Bytes, Problem> {
    let mut body = payload;
    let end = pace.whole.map(|whole| Instant::now() + whole);
    let mut bytes = BytesMut::new();
    loop {
        let piece_by = Instant::now() + pace.piece;
        let by = end.map_or(piece_by, |end| end.min(piece_by));
        let piece = timeout_at(by, body.next()).await.map_err(|_| Problem::TooSlow)?;
        let Some(piece) = piece else { return Ok(bytes.freeze()) };
        let piece = piece.map_err(|_| Problem::BadRequest {
            code: "body-unreadable",
            detail: "The body could not be read to its end.".to_owned(),
        })?;
        if bytes.len() + piece.len() > JSON_BODY_BYTES_MAX {
            return Err(Problem::TooLarge { limit_bytes: JSON_BODY_BYTES_MAX as u64 });
        }
        bytes.extend_from_slice(&piece);
    }
}

/// Lets go of a short body that has come, of a request that is turned away: then its connection is kept, which costs both sides less than a
/// new one for each try. Whoever takes his time is hung up on.
pub async fn let_go(mut body: Payload) {
    let (by, mut left) = (Instant::now() + AT_ONCE, LET_GO_BYTES_MAX);
    while let Ok(Some(Ok(piece))) = timeout_at(by, body.next()).await {
        let Some(rest) = left.checked_sub(piece.len()) else { return };
        left = rest;
    }
}

/// The same body; it breaks off when nothing comes for too long.
pub fn paced(payload: Payload, pace: Pace) -> Payload {
    let pieces = stream::unfold(Some(payload), move |body| async move {
        let mut body = body?;
        match timeout_at(Instant::now() + pace.piece, body.next()).await {
            Ok(Some(Ok(piece))) => Some((Ok(piece), Some(body))),
            Ok(Some(Err(error))) => Some((Err(error), None)),
            Ok(None) => None,
            Err(_) => Some((Err(PayloadError::Incomplete(None)), None)),
        }
    });
    // Some readers ask once more after the end.
    let pieces: Pieces = Box::pin(pieces.fuse());
    pieces.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Pace = Pace { piece: Duration::from_millis(40), whole: Some(Duration::from_millis(120)) };

    fn body(pieces: impl Stream<Item = Result<Bytes, PayloadError>> + 'static) -> Payload {
        let pieces: Pieces = Box::pin(pieces);
        pieces.into()
    }

    const PIECE: Result<Bytes, PayloadError> = Ok(Bytes::from_static(b"x"));

    #[tokio::test]
    async fn a_body_that_comes_is_read_and_one_that_stops_or_drips_is_not() {
        assert_eq!(read_short(body(stream::iter([PIECE, PIECE])), QUICK).await.unwrap(), "xx");
        let stops = body(stream::iter([PIECE]).chain(stream::pending()));
        assert!(matches!(read_short(stops, QUICK).await, Err(Problem::TooSlow)));
        let drips = stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(10)).await;
            Some((PIECE, ()))
        });
        assert!(matches!(read_short(body(drips), QUICK).await, Err(Problem::TooSlow)));
        let long = body(stream::iter([Ok(Bytes::from(vec![b'x'; JSON_BODY_BYTES_MAX])), PIECE]));
        assert!(matches!(read_short(long, QUICK).await, Err(Problem::TooLarge { .. })));
    }

    #[tokio::test]
    async fn a_body_of_who_is_turned_away_is_not_waited_for() {
        let_go(body(stream::iter([PIECE, PIECE]))).await;
        let begun = Instant::now();
        let_go(body(stream::iter([PIECE]).chain(stream::pending()))).await;
        assert!(begun.elapsed() >= AT_ONCE);
        // It would never end.
        let_go(body(stream::repeat_with(|| Ok(Bytes::from(vec![b'x'; 1024]))))).await;
    }

    #[tokio::test]
    async fn a_file_may_take_long_but_not_stop() {
        let drips = stream::iter(0..20).then(|_| async {
            tokio::time::sleep(Duration::from_millis(10)).await;
            PIECE
        });
        let mut whole = paced(body(drips), QUICK);
        for _ in 0..20 {
            assert!(matches!(whole.next().await, Some(Ok(_))));
        }
        assert!(whole.next().await.is_none() && whole.next().await.is_none(), "and it has ended for good");
        let stops: Vec<_> = paced(body(stream::iter([PIECE]).chain(stream::pending())), QUICK).collect().await;
        assert!(matches!(stops[..], [Ok(_), Err(PayloadError::Incomplete(None))]), "{stops:?}");
    }
}
