//! The part of the table of operations that is about what the log proves of itself.

use crate::app::access::Action;
use crate::http::operation::{Operation, Output, Parameter, read};
use crate::http::parameters::parameter;
use crate::http::proofs;
use actix_web::web;

pub(super) const PROOFS: &[Operation] = &[
    read("logKey", "/v1/log/vkey", None, Output::Text, || web::get().to(proofs::vkey))
        .says("The log's verifier key", "One line, `NAME+ID+KEY` (C2SP signed-note): what checkpoints are checked with. Get it once by a way that you trust and keep it."),
    read("checkpoint", "/v1/log/checkpoint", None, Output::Text, || web::get().to(proofs::checkpoint))
        .takes(&[parameter("cosigned", "Boolean", "The newest one that a witness cosigned.")])
        .says("The newest signed checkpoint", "A signed note (C2SP tlog-checkpoint): the log's name, how many events it has, and the root of the Merkle tree over them, with the log's signature and witnesses' cosignatures."),
    read("inclusionProof", "/v1/log/proof/inclusion", Some(Action::ReadProofs), Output::Json("InclusionProof"), || web::get().to(proofs::inclusion))
        .takes(&[
            Parameter { name: "position", description: "The event.", schema: "Position", required: true },
            parameter("size", "Position", "In the tree of so many events; of the newest checkpoint when absent."),
        ])
        .says("Prove that an event is in the log", "The hashes of RFC 6962, section 2.1.1, from the leaf up."),
    read("consistencyProof", "/v1/log/proof/consistency", Some(Action::ReadProofs), Output::Json("ConsistencyProof"), || {
        web::get().to(proofs::consistency)
    })
    .takes(&[
        Parameter { name: "from", description: "The size of the smaller tree.", schema: "Position", required: true },
        Parameter { name: "to", description: "The size of the larger tree.", schema: "Position", required: true },
    ])
    .says("Prove that the log only grew", "The hashes of RFC 6962, section 2.1.2: what two checkpoints of these sizes are compared with."),
];
