//! Newtypes of every identifier and code. `parse` is the only constructor from text.

use serde::{Deserialize, Serialize};
use std::borrow::Borrow;
use std::fmt;
use uuid::Uuid;

/// Text that is not a valid identifier or code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{kind} must be {expected}")]
pub struct InvalidId {
    /// What was being read, for example `payment_id`.
    pub kind: &'static str,
    /// What would have been valid.
    pub expected: &'static str,
}

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident, $kind:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// Reads the hyphenated or the 32-digit form.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                Uuid::try_parse(text)
                    .map(Self)
                    .map_err(|_| InvalidId { kind: $kind, expected: "a UUID" })
            }

            /// Wraps an id that was drawn by the clock's id source or read from our own store.
            #[must_use]
            pub const fn from_uuid(id: Uuid) -> Self {
                Self(id)
            }

            /// The UUID itself.
            #[must_use]
            pub const fn as_uuid(&self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

macro_rules! code {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $max:literal, $allowed:expr, $expected:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// Reads and checks the text.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                let allowed: fn(char) -> bool = $allowed;
                if text.is_empty() || text.len() > $max || !text.chars().all(allowed) {
                    return Err(InvalidId { kind: $kind, expected: $expected });
                }
                Ok(Self(text.into()))
            }

            /// The code as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;
            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(code: $name) -> String {
                code.0.into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        // The derived Hash and Ord are those of the text, so maps keyed by the code can be asked with a plain &str.
        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

uuid_id!(
    /// A payment: `UUIDv7`, so that the ids of one time lie together in the log's index.
    PaymentId, "payment_id"
);
uuid_id!(
    /// A recovery: `UUIDv5` of payment, attempt and ground, so that one overpayment has one.
    RecoveryId, "recovery_id"
);
uuid_id!(
    /// An approval: `UUIDv7`.
    ApprovalId, "approval_id"
);
uuid_id!(
    /// A beneficiary's pseudonym: `UUIDv4`, which tells nothing about the person.
    BeneficiaryId, "beneficiary_id"
);
uuid_id!(
    /// An import of one file: `UUIDv7`.
    ImportId, "import_id"
);
uuid_id!(
    /// A cash desk: `UUIDv7`.
    DeskId, "desk_id"
);
uuid_id!(
    /// A payment list: `UUIDv7`. The ids of the payments that it orders are made from it.
    ListId, "list_id"
);
uuid_id!(
    /// A bank's message: `UUIDv5` of the bank and its own id of the message.
    InboxId, "inbox_id"
);
uuid_id!(
    /// An endpoint that is told of payments.
    WebhookId, "webhook_id"
);
uuid_id!(
    /// A cited figure: `UUIDv7`.
    FigureId, "figure_id"
);
uuid_id!(
    /// A unit's target: `UUIDv7`.
    TargetId, "target_id"
);
uuid_id!(
    /// A vault record (an account number, an identifier), named by events in place of the value.
    VaultRef, "vault reference"
);

const fn lower_code(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-'
}

const fn visible(c: char) -> bool {
    c.is_ascii_graphic()
}

code!(
    /// Key of one dated version of an administrative unit. Codes are reused by reforms; keys are not.
    UnitKey, "unit_key", 64, visible, "1 to 64 visible ASCII characters"
);
code!(
    /// A benefit type of the profile, for example `pension`.
    BenefitType, "benefit_type", 40, lower_code, "1 to 40 of a-z, 0-9, _ and -"
);
code!(
    /// A group of benefit types, for example `monthly`.
    BenefitGroup, "benefit_group", 40, lower_code, "1 to 40 of a-z, 0-9, _ and -"
);
code!(
    /// A way of paying of the profile, for example `account` or `cash_desk`.
    ChannelCode, "channel", 40, lower_code, "1 to 40 of a-z, 0-9, _ and -"
);
code!(
    /// Who pays out for the agency: a bank, the post or the agency itself. Not the same as the channel.
    AgentCode, "agent", 40, lower_code, "1 to 40 of a-z, 0-9, _ and -"
);
code!(
    /// A scheme of personal identifiers of the profile, for example `personal_id`: also the name of the field and column that carries it.
    SchemeCode, "identifier scheme", 40, lower_code, "1 to 40 of a-z, 0-9, _ and -"
);
code!(
    /// The bank that holds the beneficiary's account.
    BankId, "bank", 40, lower_code, "1 to 40 of a-z, 0-9, _ and -"
);
code!(
    /// A ground of the profile's lists: why a benefit is suspended, why a person is paid at home, why one is left out of matching.
    GroundCode, "ground", 40, lower_code, "1 to 40 of a-z, 0-9, _ and -"
);
code!(
    /// What was compared with the population database: `name`, `birth_date` ..., or the code of an identifier's scheme.
    IdentityField, "identity field", 40, lower_code, "1 to 40 of a-z, 0-9, _ and -"
);
code!(
    /// The agency's own reference of a payment; unique in the log.
    PaymentReference, "payment_reference", 64, visible, "1 to 64 visible ASCII characters without spaces"
);

code!(
    /// The agency's own name of a cash desk; unique in the log.
    DeskCode, "desk code", 64, visible, "1 to 64 visible ASCII characters"
);
code!(
    /// A kind of cash desk of the profile, for example `payment_point`.
    DeskKindCode, "kind of desk", 40, lower_code, "1 to 40 of a-z, 0-9, _ and -"
);

/// ISO 20022 `EndToEndId`: 32 lower-case hex digits made from payment id and attempt.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EndToEndId(Box<str>);

impl EndToEndId {
    /// Made from payment id and attempt: a name-based (version 5) UUID in its 32-digit form, since the field takes 35 characters.
    #[must_use]
    pub fn of(payment: PaymentId, attempt: u32) -> Self {
        let id = Uuid::new_v5(&payment.as_uuid(), &attempt.to_be_bytes());
        Self(id.simple().to_string().into())
    }

    /// Reads 32 hex digits of either case.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        if text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
            Ok(Self(text.to_ascii_lowercase().into()))
        } else {
            Err(InvalidId { kind: "end_to_end_id", expected: "32 hexadecimal digits" })
        }
    }

    /// The 32 digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for EndToEndId {
    type Error = InvalidId;
    fn try_from(text: String) -> Result<Self, InvalidId> {
        Self::parse(&text)
    }
}

impl From<EndToEndId> for String {
    fn from(id: EndToEndId) -> String {
        id.0.into()
    }
}

impl fmt::Display for EndToEndId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    #[test]
    fn a_code_has_only_the_characters_of_its_kind() {
        assert!(ChannelCode::parse("cash_desk").is_ok());
        for text in ["", "Cash", "cash desk", "tiền", &"a".repeat(41)] {
            assert!(ChannelCode::parse(text).is_err(), "{text}");
        }
        assert!(PaymentReference::parse("QN/2025-03#1").is_ok());
        for text in ["", "a b", "é", "a\n", &"a".repeat(65)] {
            assert!(PaymentReference::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn an_id_is_read_in_both_forms_and_written_in_one() {
        let id = PaymentId::parse("0195a3c01c0070008000000000000001").unwrap();
        assert_eq!(id.to_string(), "0195a3c0-1c00-7000-8000-000000000001");
        assert_eq!(PaymentId::parse(&id.to_string()), Ok(id));
        assert!(PaymentId::parse("0195a3c0").is_err());
    }

    #[test]
    fn an_end_to_end_id_is_made_of_payment_and_attempt_and_fits_the_message_field() {
        let (one, two) = (PaymentId::from_uuid(Uuid::from_u128(1)), PaymentId::from_uuid(Uuid::from_u128(2)));
        let id = EndToEndId::of(one, 1);
        assert_eq!(id, EndToEndId::of(one, 1));
        assert_ne!(id, EndToEndId::of(one, 2));
        assert_ne!(id, EndToEndId::of(two, 1));
        assert_eq!(id.as_str().len(), 32);
        assert_eq!(EndToEndId::parse(&id.as_str().to_uppercase()), Ok(id));
        assert!(EndToEndId::parse("0195a3c0-1c00-7000-8000-000000000001").is_err());
    }

    #[test]
    fn maps_keyed_by_a_code_can_be_asked_with_plain_text() {
        let map = HashMap::from([(UnitKey::parse("C20965").unwrap(), 1)]);
        assert_eq!(map.get("C20965"), Some(&1));
        assert_eq!(map.get("C20966"), None);
    }

    #[test]
    fn a_code_is_checked_when_read_from_json() {
        assert!(serde_json::from_str::<ChannelCode>("\"account\"").is_ok());
        assert!(serde_json::from_str::<ChannelCode>("\"Account\"").is_err());
    }
}
