//! Which of the three formats a file has: by name, by content type, by its first bytes.

/// A file format that can be read and written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// Text with `,`, `;` or tab between cells.
    Csv,
    /// An Office Open XML workbook.
    Xlsx,
    /// One JSON object on each line.
    Ndjson,
}

impl Format {
    /// By what the bytes begin with: a zip archive is a workbook, `{` is NDJSON, anything else is CSV.
    #[must_use]
    pub fn of_bytes(first: &[u8]) -> Self {
        let text = first.strip_prefix(b"\xef\xbb\xbf").unwrap_or(first).trim_ascii_start();
        match text {
            [b'P', b'K', 3 | 5, 4 | 6, ..] => Self::Xlsx,
            [b'{', ..] => Self::Ndjson,
            _ => Self::Csv,
        }
    }

    /// By a media type, parameters ignored; `None` for a type that says nothing, such as `application/octet-stream`.
    #[must_use]
    pub fn of_content_type(content_type: &str) -> Option<Self> {
        let media = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match media.as_str() {
            "text/csv" | "text/tab-separated-values" => Some(Self::Csv),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => Some(Self::Xlsx),
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Some(Self::Ndjson),
            _ => None,
        }
    }

    /// By a file name's ending.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let (_, ending) = name.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "csv" | "tsv" | "txt" => Some(Self::Csv),
            "xlsx" | "xlsm" => Some(Self::Xlsx),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            _ => None,
        }
    }

    /// The format of a file. The bytes decide between a zip archive and text, because a workbook named `.csv` is still a
    /// workbook; between CSV and NDJSON the declared type or name decides, and the bytes where neither says anything.
    #[must_use]
    pub fn detect(name: Option<&str>, content_type: Option<&str>, first: &[u8]) -> Self {
        let by_bytes = Self::of_bytes(first);
        if by_bytes == Self::Xlsx {
            return Self::Xlsx;
        }
        let declared = content_type.and_then(Self::of_content_type).or_else(|| name.and_then(Self::of_name));
        declared.filter(|format| *format != Self::Xlsx).unwrap_or(by_bytes)
    }

    /// The media type.
    #[must_use]
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Ndjson => "application/x-ndjson",
        }
    }

    /// A file name's ending without the dot.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Ndjson => "ndjson",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workbook_is_known_by_its_bytes_whatever_its_name() {
        assert_eq!(Format::detect(Some("a.csv"), Some("text/csv"), b"PK\x03\x04rest"), Format::Xlsx);
    }

    #[test]
    fn text_is_never_taken_for_a_workbook() {
        assert_eq!(Format::detect(Some("a.xlsx"), None, b"a;b\n"), Format::Csv);
        assert_eq!(Format::detect(Some("a.xlsx"), None, b"{\"a\":1}"), Format::Ndjson);
    }

    #[test]
    fn a_declared_type_decides_between_the_text_formats() {
        assert_eq!(Format::detect(None, Some("application/x-ndjson; charset=utf-8"), b"\n"), Format::Ndjson);
        assert_eq!(Format::detect(Some("b.jsonl"), Some("application/octet-stream"), b"x"), Format::Ndjson);
        assert_eq!(Format::detect(Some("b.CSV"), None, b"{x};y"), Format::Csv);
    }

    #[test]
    fn without_a_declaration_the_first_byte_decides() {
        assert_eq!(Format::detect(None, None, b"\xef\xbb\xbf {\"a\":1}"), Format::Ndjson);
        assert_eq!(Format::detect(None, None, b"so tien,ngay"), Format::Csv);
        assert_eq!(Format::detect(Some("report"), None, b""), Format::Csv);
    }
}
