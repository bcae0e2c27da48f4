//! A form with a file (`multipart/form-data`) read as it comes: short fields as text, the file piece by piece, so that its size costs no memory.

use crate::http::problem::Problem;
use actix_web::web::Bytes;
use futures_util::{Stream, StreamExt};

/// The longest header of a part, and the longest text of a field.
const TEXT_BYTES_MAX: usize = 8 * 1024;

/// What a part is.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Part {
    pub name: String,
    /// Given for files, empty when none was chosen.
    pub file_name: Option<String>,
}

/// A form being read.
pub struct Multipart<S> {
    stream: S,
    buffer: Vec<u8>,
    /// What ends a part: a line's end, two dashes and the boundary.
    mark: Vec<u8>,
    is_over: bool,
}

fn broken() -> Problem {
    Problem::BadRequest {
        code: "upload-broken-off",
        detail: "The upload broke off before its end. Nothing was recorded; send it again.".to_owned(),
    }
}

fn unreadable() -> Problem {
    Problem::BadRequest {
        code: "body-unreadable",
        detail: "The form is not of the kind that browsers send.".to_owned(),
    }
}

/// The boundary that a content type names.
#[must_use]
pub fn boundary(content_type: &str) -> Option<&str> {
    let rest = content_type.strip_prefix("multipart/form-data")?;
    let given = rest.split(';').find_map(|part| part.trim().strip_prefix("boundary="))?.trim_matches('"');
    (!given.is_empty() && given.len() <= 70).then_some(given)
}

fn find(in_this: &[u8], what: &[u8]) -> Option<usize> {
    in_this.windows(what.len()).position(|part| part == what)
}

impl<S, E> Multipart<S>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
{
    /// Begins to read.
    pub fn new(stream: S, boundary: &str) -> Self {
        // The first boundary stands at the start, without the line's end before it.
        Self { stream, buffer: b"\r\n".to_vec(), mark: format!("\r\n--{boundary}").into_bytes(), is_over: false }
    }

    async fn more(&mut self) -> Result<(), Problem> {
        match self.stream.next().await {
            Some(Ok(bytes)) => {
                self.buffer.extend_from_slice(&bytes);
                Ok(())
            }
            Some(Err(_)) | None => Err(broken()),
        }
    }

    /// The next part, after whatever is left of the one before; none at the form's end.
    pub async fn part(&mut self) -> Result<Option<Part>, Problem> {
        while self.piece().await?.is_some() {}
        if self.is_over {
            return Ok(None);
        }
        // What follows a boundary: a line's end, or two dashes at the form's end.
        let at = self.mark.len();
        while self.buffer.len() < at + 2 {
            self.more().await?;
        }
        if &self.buffer[at..at + 2] == b"--" {
            self.is_over = true;
            return Ok(None);
        }
        let end = loop {
            if let Some(end) = find(&self.buffer[at..], b"\r\n\r\n") {
                break at + end;
            }
            if self.buffer.len() > at + TEXT_BYTES_MAX {
                return Err(unreadable());
            }
            self.more().await?;
        };
        let part = header(&String::from_utf8_lossy(&self.buffer[at..end])).ok_or_else(unreadable)?;
        self.buffer.drain(..end + 4);
        Ok(Some(part))
    }

    /// The next piece of the part; none at its end.
    pub async fn piece(&mut self) -> Result<Option<Vec<u8>>, Problem> {
        if self.is_over {
            return Ok(None);
        }
        loop {
            if let Some(end) = find(&self.buffer, &self.mark) {
                let piece: Vec<u8> = self.buffer.drain(..end).collect();
                return Ok(Some(piece).filter(|piece| !piece.is_empty()));
            }
            // The boundary may have begun at the buffer's end.
            let safe = self.buffer.len().saturating_sub(self.mark.len());
            if safe > 0 {
                return Ok(Some(self.buffer.drain(..safe).collect()));
            }
            self.more().await?;
        }
    }

    /// The whole part as a short text.
    pub async fn text(&mut self) -> Result<String, Problem> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.piece().await? {
            bytes.extend(piece);
            if bytes.len() > TEXT_BYTES_MAX {
                return Err(unreadable());
            }
        }
        String::from_utf8(bytes).map(|text| text.trim().to_owned()).map_err(|_| unreadable())
    }
}

/// Reads the line that names a part.
fn header(lines: &str) -> Option<Part> {
    let is_named = |line: &&str| line.get(..20).is_some_and(|start| start.eq_ignore_ascii_case("content-disposition:"));
    let line = lines.split("\r\n").find(is_named)?;
    let value = |name: &str| {
        let rest = line.split_once(&format!("; {name}=\""))?.1;
        // Browsers write a quote in a name as %22.
        Some(rest.split('"').next().unwrap_or_default().replace("%22", "\""))
    };
    Some(Part { name: value("name")?, file_name: value("filename") })
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;

    const FORM: &str = "--xyz\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\npayments\r\n--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a %22b.csv\"\r\nContent-Type: text/csv\r\n\r\none\r\n--xy\r\n--xz\r\n\r\n--xyz\r\ncontent-disposition: form-data; name=\"empty\"\r\n\r\n\r\n--xyz--\r\n";

    /// The form as so many parts, and what each holds.
    async fn read(bytes: &[u8], size: usize) -> Result<Vec<(Part, String)>, Problem> {
        let pieces: Vec<Result<Bytes, ()>> =
            bytes.chunks(size).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let mut form = Multipart::new(stream::iter(pieces), "xyz");
        let mut parts = Vec::new();
        while let Some(part) = form.part().await? {
            let mut held = Vec::new();
            while let Some(piece) = form.piece().await? {
                held.extend(piece);
            }
            parts.push((part, String::from_utf8(held).unwrap()));
        }
        Ok(parts)
    }

    #[tokio::test]
    async fn a_form_is_the_same_in_pieces_of_any_size() {
        for size in 1..=FORM.len() {
            let parts = read(FORM.as_bytes(), size).await.unwrap();
            let told: Vec<(&str, Option<&str>, &str)> = parts
                .iter()
                .map(|(part, held)| (part.name.as_str(), part.file_name.as_deref(), held.as_str()))
                .collect();
            let file = ("file", Some("a \"b.csv"), "one\r\n--xy\r\n--xz\r\n");
            assert_eq!(told, [("kind", None, "payments"), file, ("empty", None, "")], "{size}");
        }
    }

    #[tokio::test]
    async fn a_form_that_breaks_off_anywhere_is_an_error() {
        let whole = FORM.len() - "--\r\n".len();
        for length in 0..whole {
            assert!(read(&FORM.as_bytes()[..length], 7).await.is_err(), "{length}");
        }
    }

    #[tokio::test]
    async fn a_part_without_a_name_or_with_an_endless_header_is_refused() {
        assert!(read(b"--xyz\r\nX: y\r\n\r\na\r\n--xyz--", 9).await.is_err());
        let endless = format!("--xyz\r\nX: {}", "y".repeat(3 * TEXT_BYTES_MAX));
        assert!(matches!(
            read(endless.as_bytes(), 512).await,
            Err(Problem::BadRequest { code: "body-unreadable", .. })
        ));
    }

    #[test]
    fn a_boundary_is_read_from_the_content_type() {
        assert_eq!(boundary("multipart/form-data; boundary=ab"), Some("ab"));
        assert_eq!(boundary("multipart/form-data; charset=utf-8; boundary=\"a b\""), Some("a b"));
        for none in
            ["text/plain", "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=a"]
        {
            assert_eq!(boundary(none), None, "{none}");
        }
    }
}
