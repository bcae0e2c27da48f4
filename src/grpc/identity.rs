//! Who calls: a key in the `authorization` header, as Bearer or as Basic of its id and secret; or anybody, where a sandbox lets them in.

use super::server::Doors;
use super::status;
use crate::app::eventstore::rights::StreamCaller;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use tonic::metadata::MetadataMap;
use tonic::{Code, Request, Status};

/// What a call is named by in the audit: which one it is, its path says, and who is not known has not got so far.
const OPERATION: &str = "event_store_protocol";

/// Finds the caller, and notes who is turned away.
pub(super) async fn caller<T>(doors: &Doors, request: &Request<T>) -> Result<StreamCaller, Status> {
    let found = named(doors, request.metadata()).await;
    if found.as_ref().is_err_and(|status| status.code() == Code::Unauthenticated) {
        let address = request.remote_addr().map(|address| address.ip());
        doors.app.note_refusal((OPERATION.to_owned(), address), None, (401, "unauthenticated"));
    }
    found
}

/// A header that names no key in force is refused even where anybody may call.
async fn named(doors: &Doors, headers: &MetadataMap) -> Result<StreamCaller, Status> {
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
