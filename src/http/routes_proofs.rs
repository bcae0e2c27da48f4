//! The part of the table of operations that is about what the log proves of itself, and tells of its use.

use crate::app::access::Action;
use crate::http::operation::{Operation, Output, Parameter, read};
use crate::http::parameters::{CURSOR, FORMAT, LIMIT, MIN_POSITION, parameter};
use crate::http::{audit, proofs};
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
    read("listAudit", "/v1/audit", Some(Action::ReadAudit), Output::Table("AuditList"), || web::get().to(audit::list))
        .takes(&[
            parameter("from", "Instant", "Recorded at or after this instant."),
            parameter("until", "Instant", "Recorded before this one."),
            parameter("kind", "AuditKind", "One kind of lines."),
            parameter("actor", "Name", "A key's id, or `command-line`."),
            parameter("operation", "Name", "The id of an operation, an act, or the type of an event."),
            LIMIT, CURSOR, MIN_POSITION, FORMAT,
        ])
        .says("Who used the log, and who was turned away", "Newest first: looks at personal data with their purpose, refusals (401 and 403), uses of keys, and what those did who run it. Refusals and uses are counted: a line a minute for each key, address and operation, and one an hour for each key. Nothing personal: keys, pseudonyms, operations, codes."),
];
