//! What a stream's metadata say: how much of it is still shown, and to whom.

use super::rights::Deed;
use serde_json::{Map, Value, json};

/// `$tb` of a stream that is deleted until it is written to again.
const DELETED: u64 = i64::MAX.cast_unsigned();

/// The metadata of one stream.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StreamMetadata {
    /// The whole object, for what is not ours to understand.
    pub(super) object: Map<String, Value>,
    pub max_count: Option<u64>,
    pub max_age_s: Option<u64>,
    pub truncate_before: Option<u64>,
    pub access: Option<AccessList>,
}

/// Who may do what, by the names of keys and roles.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessList {
    deeds: Vec<(Deed, Vec<String>)>,
}

impl AccessList {
    /// The names that a deed is limited to; `None` when it is not limited.
    #[must_use]
    pub fn names(&self, deed: Deed) -> Option<&[String]> {
        self.deeds.iter().find(|(named, _)| *named == deed).map(|(_, names)| names.as_slice())
    }

    /// A list of these.
    pub fn of(deeds: impl IntoIterator<Item = (Deed, Vec<String>)>) -> Self {
        Self { deeds: deeds.into_iter().collect() }
    }

    fn read(value: &Value) -> Option<Self> {
        let object = value.as_object()?;
        let deeds = [
            ("$r", Deed::Read),
            ("$w", Deed::Write),
            ("$d", Deed::Delete),
            ("$mr", Deed::ReadMetadata),
            ("$mw", Deed::WriteMetadata),
        ];
        Some(Self::of(deeds.into_iter().filter_map(|(key, deed)| Some((deed, names(object.get(key)?)?)))))
    }
}

/// One name or a list of them.
fn names(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(name) => Some(vec![name.clone()]),
        Value::Array(list) => Some(list.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect()),
        _ => None,
    }
}

impl StreamMetadata {
    /// Reads the data of a metadata event. What cannot be read limits nothing.
    #[must_use]
    pub fn read(data: &[u8]) -> Self {
        let object: Map<String, Value> = serde_json::from_slice(data).unwrap_or_default();
        let number = |key: &str| object.get(key).and_then(Value::as_u64);
        Self {
            max_count: number("$maxCount").filter(|count| *count > 0),
            max_age_s: number("$maxAge").filter(|age| *age > 0),
            truncate_before: number("$tb"),
            access: object.get("$acl").and_then(AccessList::read),
            object,
        }
    }

    /// Deleted, until it is written to again.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.truncate_before == Some(DELETED)
    }

    /// The same, shown from a revision on.
    #[must_use]
    pub fn shown_from(&self, revision: u64) -> Vec<u8> {
        let mut object = self.object.clone();
        object.insert("$tb".to_owned(), json!(revision));
        Value::Object(object).to_string().into_bytes()
    }

    /// The same, of a stream that is deleted.
    #[must_use]
    pub fn deleted(&self) -> Vec<u8> {
        self.shown_from(DELETED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_limits_nothing() {
        for text in ["", "[]", "{\"$maxCount\":\"3\",\"$tb\":-1,\"$acl\":7,\"$maxAge\":0}"] {
            let read = StreamMetadata::read(text.as_bytes());
            assert_eq!((read.max_count, read.max_age_s, read.truncate_before, read.access), (None, None, None, None));
        }
    }

    #[test]
    fn deleting_and_coming_back_keep_what_else_is_there() {
        let before = StreamMetadata::read(b"{\"$maxCount\":3,\"mine\":[1]}");
        let deleted = StreamMetadata::read(&before.deleted());
        assert!(deleted.is_deleted());
        let back = StreamMetadata::read(&deleted.shown_from(4));
        assert_eq!((back.max_count, back.truncate_before, back.is_deleted()), (Some(3), Some(4), false));
        assert_eq!(back.object.get("mine"), Some(&json!([1])));
    }

    #[test]
    fn a_name_stands_alone_or_in_a_list() {
        let read =
            StreamMetadata::read(b"{\"$acl\":{\"$r\":\"clerk\",\"$w\":[\"a\",\"b\"],\"$d\":[]}}").access.unwrap();
        assert_eq!(read.names(Deed::Read), Some(&["clerk".to_owned()][..]));
        assert_eq!(read.names(Deed::Write).map(<[String]>::len), Some(2));
        assert_eq!(read.names(Deed::Delete), Some(&[][..]));
        assert_eq!(read.names(Deed::WriteMetadata), None);
    }
}
