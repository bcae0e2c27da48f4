//! Who calls: a key in the `authorization` header, as Bearer or as Basic of its id and secret; or anybody, where a sandbox lets them in.

use super::server::Doors;
use super::status;
use crate::app::eventstore::rights::StreamCaller;
use crate::app::keys::Keys;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::net::IpAddr;
use tonic::metadata::MetadataMap;
use tonic::{Code, Request, Status};

/// What a call is named by in the audit: which one it is, its path says, and who is not known has not got so far.
const OPERATION: &str = "event_store_protocol";

/// Finds the caller, and notes who is turned away. A key has as many calls a second here and over HTTP together, an address as many refusals.
pub(super) async fn caller<T>(doors: &Doors, request: &Request<T>) -> Result<StreamCaller, Status> {
    let address = request.remote_addr().map(|address| address.ip());
    let found = named(doors, (request.metadata(), address)).await;
    match &found {
        Ok(StreamCaller::Key(principal)) => doors.limits.of_key(&principal.key_id).map_err(status::come_again)?,
        Err(status) if status.code() == Code::Unauthenticated => {
            doors.limits.failed(address);
            doors.app.note_refusal((OPERATION.to_owned(), address), None, (401, "unauthenticated"));
        }
        Ok(_) | Err(_) => {}
    }
    found
}

/// A header that names no key in force is refused even where anybody may call.
async fn named(doors: &Doors, (headers, address): (&MetadataMap, Option<IpAddr>)) -> Result<StreamCaller, Status> {
    let Some(header) = headers.get("authorization") else {
        return if doors.is_open { Ok(StreamCaller::Anyone) } else { Err(unknown("no credentials were sent")) };
    };
    let text = header.to_str().map_err(|_| unknown("the authorization header cannot be read"))?;
    let keys = &doors.app.keys;
    let token = token(keys, text)?;
    // A key that was good a moment ago is let through, whoever else is at its address.
    if !keys.remembers(&token) {
        doors.limits.check_address(address).map_err(status::come_again)?;
    }
    match keys.authenticate(&token).await {
        Ok(Some(principal)) => Ok(StreamCaller::Key(principal)),
        Ok(None) => Err(unknown("no key in force has this id and secret")),
        Err(error) => {
            tracing::error!(%error, "a caller could not be looked up: {error}");
            Err(Status::unavailable("The server cannot look up callers now; try again."))
        }
    }
}

/// A key's text, out of either form of the header.
fn token(keys: &Keys, text: &str) -> Result<String, Status> {
    let (scheme, value) = text.split_once(' ').unwrap_or((text, ""));
    if scheme.eq_ignore_ascii_case("bearer") {
        return Ok(value.trim().to_owned());
    }
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(unknown("the authorization header is neither Basic nor Bearer"));
    }
    let pair = STANDARD.decode(value.trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    let parts = pair.as_deref().and_then(|pair| pair.split_once(':'));
    let (id, secret) = parts.ok_or_else(|| unknown("Basic takes a key's id and its secret"))?;
    Ok(keys.text_of(id, secret))
}

fn unknown(why: &str) -> Status {
    let sentence = format!(
        "Not authenticated: {why}. Send a key: Basic with its id as user and its secret as password, or Bearer with its text."
    );
    status::with(Status::unauthenticated(sentence), &[("exception", "not-authenticated".to_owned())])
}
