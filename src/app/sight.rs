//! What each role sees of each kind of personal data: one table, nothing by default. Every answer that can show a person asks it.

use crate::app::access::Role;
use crate::domain::disclosure::DataKind;
use crate::domain::profile::Profile;
use crate::{domain::identifier, vault};

/// What somebody sees of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sight {
    Nothing,
    /// Enough to tell two values apart, not enough to use one.
    Masked,
    Full,
}

/// Why somebody looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// In passing, in a list or a record.
    Reading,
    /// For a purpose that was stated and recorded.
    Revealing,
}

/// The table. A cell that is not named here shows nothing.
#[must_use]
pub const fn sight(role: Role, kind: DataKind, occasion: Occasion) -> Sight {
    use DataKind as D;
    use Occasion::{Reading, Revealing};
    match (role, kind, occasion) {
        // Words about a payment are for those who act on it.
        (Role::Clerk | Role::Supervisor, D::Words, _)
        | (Role::Clerk | Role::Supervisor, D::Name | D::Identifier | D::Account, Revealing) => Sight::Full,
        (Role::Clerk | Role::Supervisor, D::Name | D::Identifier | D::Account, Reading)
        // Who examines sees that data are held, and never uses them.
        | (Role::Auditor, D::Name | D::Identifier | D::Account, _) => Sight::Masked,
        (Role::Auditor, D::Words, _) | (Role::Analyst | Role::Bank | Role::Operator, _, _) => Sight::Nothing,
    }
}

/// A value as it is seen. An identifier names its scheme, whose mask the profile gives.
#[must_use]
pub fn seen(profile: &Profile, sight: Sight, (kind, scheme): (DataKind, Option<&str>), value: &str) -> Option<String> {
    match sight {
        Sight::Nothing => None,
        Sight::Full => Some(value.to_owned()),
        Sight::Masked => Some(match (kind, scheme.and_then(|scheme| profile.identifier(scheme))) {
            (DataKind::Identifier, Some(scheme)) => identifier::mask(scheme, value),
            // A scheme that the profile gave up: nothing is known of how much of it may be shown.
            (DataKind::Identifier | DataKind::Words, _) => "****".to_owned(),
            (DataKind::Name, _) => vault::Mask::NAME.apply(value),
            (DataKind::Account, _) => vault::Mask::ACCOUNT.apply(value),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Occasion::{Reading, Revealing};
    use Sight::{Full, Masked, Nothing};

    /// Name, identifier, account, words: in passing; then for a stated purpose.
    const TABLE: [(Role, [Sight; 4], [Sight; 4]); 6] = [
        (Role::Clerk, [Masked, Masked, Masked, Full], [Full, Full, Full, Full]),
        (Role::Supervisor, [Masked, Masked, Masked, Full], [Full, Full, Full, Full]),
        (Role::Analyst, [Nothing; 4], [Nothing; 4]),
        (Role::Bank, [Nothing; 4], [Nothing; 4]),
        (Role::Auditor, [Masked, Masked, Masked, Nothing], [Masked, Masked, Masked, Nothing]),
        (Role::Operator, [Nothing; 4], [Nothing; 4]),
    ];

    #[test]
    fn each_cell_is_as_the_table_says() {
        assert_eq!(TABLE.map(|(role, ..)| role), Role::ALL);
        for (role, reading, revealing) in TABLE {
            assert_eq!(DataKind::ALL.map(|kind| sight(role, kind, Reading)), reading, "{role}");
            assert_eq!(DataKind::ALL.map(|kind| sight(role, kind, Revealing)), revealing, "{role}");
        }
    }

    #[test]
    fn a_masked_value_is_not_the_value_and_nothing_is_nothing() {
        let profile = Profile::vietnam();
        let scheme = Some("personal_id");
        for (kind, scheme, value, masked) in [
            (DataKind::Name, None, "Đặng Thị Tám", "Đ****"),
            (DataKind::Identifier, scheme, "049155000012", "049*******12"),
            (DataKind::Identifier, Some("given_up"), "049155000012", "****"),
            (DataKind::Account, None, "0071000345678", "****5678"),
            (DataKind::Words, None, "Đặng Thị Tám", "****"),
        ] {
            let seen = |sight| seen(&profile, sight, (kind, scheme), value);
            assert_eq!(seen(Masked).as_deref(), Some(masked));
            assert_eq!((seen(Nothing), seen(Full).as_deref()), (None, Some(value)));
        }
    }
}
