//! The log as a Merkle tree: signed checkpoints, proofs over HTTP, and what contradicts them.

mod attacks;
mod commands;
mod endpoints;
mod receipts;
mod signing;
mod witnesses;

use crate::support::app::TestApp;
use chitra::app::proofs::StoredCheckpoint;
use chitra::app::proofs::sign::When;
use chitra::projections::Projection;
use chitra::proof::{Checkpoint, Hash, Verifier, hash_from_base64};
use chitra::store::{Append, EventData, StreamState, leaf};
use serde_json::Value;

impl TestApp {
    /// Signs the log as it is.
    pub async fn signed(&self) -> StoredCheckpoint {
        self.app.follow_up_to(Projection::Tree, self.head().await).await.unwrap();
        self.app.sign_checkpoint(When::Now).await.unwrap().unwrap()
    }

    /// Some events of another program.
    async fn note(&self, count: u64) {
        let first = self.head().await;
        let append =
            Append::events(format!("note-{first}"), StreamState::NoStream, (first..first + count).map(noted).collect());
        self.app.store.append_to_stream(append).await.unwrap();
        self.app.follow_up_to(Projection::Tree, first + count).await.unwrap();
    }

    /// Changes an event behind the store's back, and makes its leaf hash fit: whoever can write to the database can.
    async fn forge(&self, position: u64) {
        let mut forged = self.events_after(position - 1).await.remove(0);
        "Forged".clone_into(&mut forged.event_type);
        let fitting = self.home.literal(&leaf::of_recorded(1, &forged));
        let change =
            format!("UPDATE events SET event_type = 'Forged', leaf_hash = {fitting} WHERE position = {position}");
        self.home.execute(&change).await;
    }

    /// The log's key as everybody gets it.
    async fn vkey(&self) -> Verifier {
        Verifier::parse(&self.nobody().get("/v1/log/vkey").await.is(200).text()).unwrap()
    }

    /// The newest checkpoint as everybody gets it, opened with the key.
    async fn published(&self) -> Checkpoint {
        let answer = self.nobody().get("/v1/log/checkpoint").await.is(200);
        Checkpoint::open(&answer.text(), &self.vkey().await).unwrap().0
    }
}

fn noted(number: u64) -> EventData {
    EventData {
        event_id: uuid::Uuid::from_u128(u128::from(number) + 1),
        event_type: "Noted".to_owned(),
        schema_version: 1,
        data: format!("{{\"number\":{number}}}").into_bytes(),
        metadata: b"{}".to_vec(),
    }
}

fn hash(value: &Value) -> Hash {
    hash_from_base64(value.as_str().unwrap()).unwrap()
}

fn hashes(value: &Value) -> Vec<Hash> {
    value.as_array().unwrap().iter().map(hash).collect()
}
