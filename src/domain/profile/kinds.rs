//! Which payments a profile lets stand beside a month's regular one, and how far they may reach.

use super::Profile;
use super::load::{Document, ProfileError, wrong};
use super::spec::Labels;
use crate::domain::payment::kind::{KindLimits, PaymentKind};
use serde::Deserialize;

/// A kind of payments beside the regular ones. A limit that is absent does not limit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindSpec {
    pub kind: PaymentKind,
    /// How many months a benefit month may lie before the cycle.
    #[serde(default)]
    pub months_back_max: Option<u16>,
    /// How many benefit months one payment may have.
    #[serde(default)]
    pub months_max: Option<u16>,
    /// The largest amount of one payment, in minor units; never above that of the profile.
    #[serde(default)]
    pub amount_max_minor: Option<i64>,
    pub labels: Labels,
}

impl Profile {
    /// Whether payments of the kind are ordered at all.
    #[must_use]
    pub fn has_kind(&self, kind: PaymentKind) -> bool {
        !kind.is_beside() || self.payment_kinds.iter().any(|spec| spec.kind == kind)
    }

    /// How far payments of a kind may reach.
    #[must_use]
    pub fn kind_limits(&self, kind: PaymentKind) -> KindLimits {
        let spec = self.payment_kinds.iter().find(|spec| spec.kind == kind);
        KindLimits {
            kind,
            amount_max_minor: spec.and_then(|spec| spec.amount_max_minor).unwrap_or(self.amount_max_minor),
            months_back_max: spec.and_then(|spec| spec.months_back_max),
            months_max: spec.and_then(|spec| spec.months_max),
        }
    }
}

pub(super) fn check(document: &Document) -> Result<(), ProfileError> {
    let specs = &document.payment_kinds;
    for (index, spec) in specs.iter().enumerate() {
        let kind = spec.kind.as_str();
        if !spec.kind.is_beside() {
            return wrong("payment_kinds", "kind", "regular payments need no entry; name arrears or supplement");
        }
        if specs[..index].iter().any(|earlier| earlier.kind == spec.kind) {
            return wrong("payment_kinds", "kind", format!("{kind} is used twice"));
        }
        if spec.months_max == Some(0) {
            return wrong("payment_kinds", format!("months_max of {kind}"), "must be more than 0");
        }
        let amount_fits = |most: i64| (1..=document.money.amount_max_minor).contains(&most);
        if !spec.amount_max_minor.is_none_or(amount_fits) {
            let problem = "must be from 1 to the largest amount of a payment";
            return wrong("payment_kinds", format!("amount_max_minor of {kind}"), problem);
        }
    }
    Ok(())
}
