//! Digests of tables: what two databases, of whichever engines, must agree in when their rows come from the same log.

use super::TableDigest;
use crate::projections::Projection;
use sha2::{Digest, Sha256};

/// A table's name, the statement that reads it in the order of its key, and the one that empties it.
pub(super) struct Table {
    name: &'static str,
    pub read: &'static str,
    pub clear: &'static str,
}

macro_rules! table {
    ($name:literal) => {
        Table {
            name: $name,
            read: include_str!(concat!("../sql/", $name, "_digest.sql")),
            clear: include_str!(concat!("../sql/", $name, "_clear.sql")),
        }
    };
}

const PAYMENTS: &[Table] = &[
    table!("payments"),
    table!("payment_attempts"),
    table!("live_payments"),
    table!("figure_cells"),
    table!("figure_days"),
    table!("figure_blocks"),
    table!("figure_cycles"),
    table!("figure_cycle_blocks"),
    table!("business_days"),
    table!("identity_refusals"),
    table!("payment_past"),
    table!("payment_changes"),
];
const BENEFICIARIES: &[Table] = &[table!("beneficiaries"), table!("beneficiary_past")];
const OVERSIGHT: &[Table] =
    &[table!("recoveries"), table!("approvals"), table!("cited_figures"), table!("audit_entries")];
const TREE: &[Table] = &[table!("tree_tiles")];
const DESKS: &[Table] = &[table!("desks"), table!("desk_days")];
const LISTS: &[Table] = &[table!("lists"), table!("list_items"), table!("list_left_out")];
const INBOX: &[Table] = &[table!("bank_messages"), table!("bank_items")];

/// The tables of a projection, all of them.
pub(super) const fn tables(projection: Projection) -> &'static [Table] {
    match projection {
        Projection::Payments => PAYMENTS,
        Projection::Beneficiaries => BENEFICIARIES,
        Projection::Oversight => OVERSIGHT,
        Projection::Tree => TREE,
        Projection::Desks => DESKS,
        Projection::Lists => LISTS,
        Projection::Inbox => INBOX,
    }
}

/// A table being digested. Each value goes in with its type, its length and its bytes, so that no two rows run into the same bytes.
#[derive(Default)]
pub(super) struct TableHash {
    hash: Sha256,
    rows: u64,
}

impl TableHash {
    /// Big-endian.
    pub fn number(&mut self, value: Option<i64>) {
        self.value(1, value.map(i64::to_be_bytes).as_ref().map(<[u8; 8]>::as_slice));
    }

    pub fn text(&mut self, value: Option<&[u8]>) {
        self.value(2, value);
    }

    pub fn bytes(&mut self, value: Option<&[u8]>) {
        self.value(3, value);
    }

    fn value(&mut self, kind: u8, value: Option<&[u8]>) {
        let Some(value) = value else {
            self.hash.update([0]);
            return;
        };
        self.hash.update([kind]);
        // A number's length is known.
        if kind != 1 {
            self.hash.update((value.len() as u64).to_be_bytes());
        }
        self.hash.update(value);
    }

    pub const fn end_row(&mut self) {
        self.rows += 1;
    }

    pub fn finish(self, table: &Table) -> TableDigest {
        TableDigest { table: table.name, rows: self.rows, digest: self.hash.finalize().into() }
    }
}
