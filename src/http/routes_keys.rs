//! The part of the table of operations that is about keys: who may call.

use crate::app::access::Action;
use crate::http::keys;
use crate::http::operation::{Effect, Operation, Output, read, write};
use actix_web::web;

pub(super) const KEYS: &[Operation] = &[
    read("listKeys", "/v1/keys", Some(Action::ManageKeys), Output::Json("KeyList"), || web::get().to(keys::list)).says(
        "List keys",
        "Of everybody who may call, oldest first: role, reach, label, until when each opens, when it was used last. Never a secret.",
    ),
    write("createKey", "/v1/keys", Action::ManageKeys, ("KeyCreation", "KeyWithSecret"), || {
        web::post().to(keys::create)
    })
    .with_effect(Effect::Create)
    .says(
        "Make a key",
        "Its text is shown in this answer alone. 202 where the profile wants a second person: the key opens nothing yet; once another operator consents at `/v1/approvals/{id}/grant`, whoever asked takes its secret (`takeKeySecret`).",
    ),
    write("rotateKey", "/v1/keys/{key}/rotate", Action::ManageKeys, ("KeyRotation", "KeyWithSecret"), || {
        web::post().to(keys::rotate)
    })
    .with_effect(Effect::Create)
    .says(
        "Give a key its next secret",
        "Its id, role, reach and label stay; the secret before is good for the overlap. 202 where the profile wants a second person: the secret is made when it is taken, and the overlap begins then.",
    ),
    write("takeKeySecret", "/v1/keys/{key}/secret", Action::ManageKeys, ("KeySecretTaking", "KeyWithSecret"), || {
        web::post().to(keys::secret)
    })
    .with_effect(Effect::Create)
    .says(
        "Take the secret that was consented to",
        "For whoever asked for it, once, before the approval's `expires_at`. If the answer gets lost so is the secret: ask for the next one.",
    ),
    write("revokeKey", "/v1/keys/{key}/revoke", Action::ManageKeys, ("Nothing", "RevokedKey"), || {
        web::post().to(keys::revoke)
    })
    .says("Revoke a key", "At once and for ever, by one person: what is closed needs nobody's consent."),
];
