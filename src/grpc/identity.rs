//! Who calls: a key in the `authorization` header, as Bearer or as Basic of its id and secret; or anybody, where a sandbox lets them in.

use super::server::Doors;
use super::status;
use crate::app::eventstore::rights::StreamCaller;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tonic::Status;
use tonic::metadata::MetadataMap;

/// Finds the caller; a header that names no key in force is refused even where anybody may call.
pub(super) async fn caller(doors: &Doors, headers: &MetadataMap) -> Result<StreamCaller, Status> {
    let Some(header) = headers.get("authorization") else {
        return if doors.is_open { Ok(StreamCaller::Anyone) } else { Err(unknown("no credentials were sent")) };
    };
    let text = header.to_str().map_err(|_| unknown("the authorization header cannot be read"))?;
    let (scheme, value) = text.split_once(' ').unwrap_or((text, ""));
    let keys = &doors.app.keys;
    let found = if scheme.eq_ignore_ascii_case("bearer") {
        keys.authenticate(value.trim()).await
    } else if scheme.eq_ignore_ascii_case("basic") {
        let pair = STANDARD.decode(value.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let Some((id, secret)) = pair.as_deref().and_then(|pair| pair.split_once(':')) else {
            return Err(unknown("Basic takes a key's id and its secret"));
        };
        keys.authenticate_parts(id, secret).await
    } else {
        return Err(unknown("the authorization header is neither Basic nor Bearer"));
    };
    match found {
        Ok(Some(principal)) => Ok(StreamCaller::Key(principal)),
        Ok(None) => Err(unknown("no key in force has this id and secret")),
        Err(error) => {
            tracing::error!(%error, "a caller could not be looked up: {error}");
            Err(Status::unavailable("The server cannot look up callers now; try again."))
        }
    }
}

fn unknown(why: &str) -> Status {
    let sentence = format!(
        "Not authenticated: {why}. Send a key: Basic with its id as user and its secret as password, or Bearer with its text."
    );
    status::with(Status::unauthenticated(sentence), &[("exception", "not-authenticated".to_owned())])
}
