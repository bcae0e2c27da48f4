//! Why a bank's message cannot be read. No value of the message stands in an error: it may name a person.

use super::item::MessageKind;

/// A message that is refused as a whole: nothing of it counts.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    #[error("the message is empty")]
    Empty,
    #[error("the message is neither XML nor a JSON object")]
    NotAMessage,
    #[error("the message must be in UTF-8")]
    Encoding,
    #[error("the message is not well formed {place}: {problem}")]
    Malformed { place: String, problem: &'static str },
    #[error("the message has a document type declaration; send it without")]
    Doctype,
    #[error("the message has an entity beside the five of XML; send the character itself")]
    Entity,
    #[error("the message ends before its last element is closed; send it whole")]
    Truncated,
    #[error("elements are nested more than {max} deep")]
    TooDeep { max: usize },
    #[error("the message is longer than {max} bytes; split it")]
    TooLarge { max: u64 },
    #[error("a single element, attribute, comment or text is longer than {max} bytes")]
    TokenTooLong { max: u64 },
    #[error("item {item} is longer than {max} bytes")]
    ItemTooLarge { item: u64, max: usize },
    #[error("the message has more than {max} items; split it")]
    TooManyItems { max: u64 },
    #[error("the document holds none of the messages pain.002, camt.053, camt.054 and pacs.004")]
    UnknownMessage,
    #[error("the version of the {kind} is not one of 001.03 to 001.15")]
    UnknownVersion { kind: MessageKind },
    #[error("the document holds a second message; send one in a document")]
    SecondMessage,
    #[error("item {item} (0 is the header) lacks {path}")]
    Missing { item: u64, path: &'static str },
    #[error("item {item} (0 is the header) has {path} more than once")]
    Twice { item: u64, path: &'static str },
    #[error("{path} of item {item} (0 is the header) must be {expected}")]
    BadValue { item: u64, path: &'static str, expected: &'static str },
    #[error("{path} of item {item} stands after the details that need it")]
    OutOfOrder { item: u64, path: &'static str },
    #[error("the message could not be read to its end")]
    Io,
}

impl ReadError {
    /// The stable code used in JSON, logs and reports.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "message-empty",
            Self::NotAMessage => "message-format-unknown",
            Self::Encoding => "message-encoding",
            Self::Malformed { .. } => "message-malformed",
            Self::Doctype => "message-doctype",
            Self::Entity => "message-entity",
            Self::Truncated => "message-truncated",
            Self::TooDeep { .. } => "message-too-deep",
            Self::TooLarge { .. } | Self::TokenTooLong { .. } | Self::ItemTooLarge { .. } => "message-too-large",
            Self::TooManyItems { .. } => "message-too-many-items",
            Self::UnknownMessage => "message-kind-unknown",
            Self::UnknownVersion { .. } => "message-version-unknown",
            Self::SecondMessage => "message-second",
            Self::Missing { .. } => "message-field-missing",
            Self::Twice { .. } => "message-field-twice",
            Self::BadValue { .. } => "message-field-invalid",
            Self::OutOfOrder { .. } => "message-field-order",
            Self::Io => "message-unreadable",
        }
    }

    /// The same as the English message, for clerks.
    #[must_use]
    pub fn message_vi(&self) -> String {
        match self {
            Self::Empty => "thông điệp rỗng".into(),
            Self::NotAMessage => "thông điệp không phải XML cũng không phải đối tượng JSON".into(),
            Self::Encoding => "thông điệp phải dùng bảng mã UTF-8".into(),
            Self::Malformed { place, .. } => format!("thông điệp sai cấu trúc ({place})"),
            Self::Doctype => "thông điệp có khai báo DOCTYPE; hãy gửi lại không có khai báo này".into(),
            Self::Entity => "thông điệp dùng thực thể ngoài năm thực thể của XML; hãy gửi chính ký tự đó".into(),
            Self::Truncated => "thông điệp bị cắt cụt; hãy gửi lại đầy đủ".into(),
            Self::TooDeep { max } => format!("các phần tử lồng nhau quá {max} cấp"),
            Self::TooLarge { max } => format!("thông điệp dài hơn {max} byte; hãy chia nhỏ"),
            Self::TokenTooLong { max } => format!("một phần tử, thuộc tính hoặc văn bản dài hơn {max} byte"),
            Self::ItemTooLarge { item, max } => format!("mục {item} dài hơn {max} byte"),
            Self::TooManyItems { max } => format!("thông điệp có hơn {max} mục; hãy chia nhỏ"),
            Self::UnknownMessage => "không phải pain.002, camt.053, camt.054 hay pacs.004".into(),
            Self::UnknownVersion { kind } => format!("phiên bản của {kind} phải từ 001.03 đến 001.15"),
            Self::SecondMessage => "tài liệu chứa thông điệp thứ hai; mỗi tài liệu chỉ gửi một thông điệp".into(),
            Self::Missing { item, path } => format!("mục {item} (0 là phần đầu) thiếu {path}"),
            Self::Twice { item, path } => format!("mục {item} (0 là phần đầu) có {path} nhiều hơn một lần"),
            Self::BadValue { item, path, .. } => format!("{path} của mục {item} (0 là phần đầu) không hợp lệ"),
            Self::OutOfOrder { item, path } => format!("{path} của mục {item} đứng sau phần chi tiết cần đến nó"),
            Self::Io => "không đọc được hết thông điệp".into(),
        }
    }
}
