//! What a form with a file (`multipart/form-data`) holds beside the file: names, short texts, and what may go wrong. The crate reads the form as it
//! comes, so that a file's size costs no memory.

use crate::http::problem::Problem;
use actix_multipart::{Field, MultipartError};

/// The longest text of a field.
const TEXT_BYTES_MAX: usize = 8 * 1024;

/// What an unreadable form is told.
pub fn unreadable() -> Problem {
    Problem::BadRequest {
        code: "body-unreadable",
        detail: "The form is not of the kind that browsers send.".to_owned(),
    }
}

/// What an error of the form is told.
#[expect(clippy::needless_pass_by_value, reason = "made for `map_err`")]
pub fn problem(error: MultipartError) -> Problem {
    match error {
        MultipartError::Incomplete | MultipartError::Payload(_) => Problem::BadRequest {
            code: "upload-broken-off",
            detail: "The upload broke off before its end. Nothing was recorded; send it again.".to_owned(),
        },
        _ => unreadable(),
    }
}

/// The name of the file that a field holds; none where it holds none, or none was chosen.
pub fn file_name(field: &Field) -> Option<String> {
    let name = field.content_disposition()?.get_filename()?;
    // Browsers write a quote in a name as %22.
    Some(name.replace("%22", "\"")).filter(|name| !name.is_empty())
}

/// A field as a short text.
pub async fn text(field: &mut Field) -> Result<String, Problem> {
    let bytes = field.bytes(TEXT_BYTES_MAX).await.map_err(|_| unreadable())?.map_err(problem)?;
    String::from_utf8(bytes.to_vec()).map(|text| text.trim().to_owned()).map_err(|_| unreadable())
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_multipart::Multipart;
    use actix_web::error::PayloadError;
    use actix_web::http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
    use actix_web::web::Bytes;
    use futures_util::{StreamExt, stream};

    const FORM: &str = "--xyz\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\npayments\r\n--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a %22b.csv\"\r\nContent-Type: text/csv\r\n\r\none\r\n--xy\r\n--xz\r\n\r\n--xyz\r\ncontent-disposition: form-data; name=\"empty\"; filename=\"\"\r\n\r\n\r\n--xyz--\r\n";

    /// Name, file's name and text of each field of a form that comes in pieces.
    async fn read(bytes: &[u8], size: usize) -> Result<Vec<(String, Option<String>, String)>, Problem> {
        let pieces: Vec<Result<Bytes, PayloadError>> =
            bytes.chunks(size).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("multipart/form-data; boundary=xyz"));
        let mut form = Multipart::new(&headers, stream::iter(pieces));
        let mut fields = Vec::new();
        while let Some(field) = form.next().await {
            let mut field = field.map_err(problem)?;
            let (name, file) = (field.name().unwrap_or_default().to_owned(), file_name(&field));
            fields.push((name, file, text(&mut field).await?));
        }
        Ok(fields)
    }

    #[tokio::test]
    async fn a_form_is_the_same_in_pieces_of_any_size() {
        for size in 1..=FORM.len() {
            let fields = read(FORM.as_bytes(), size).await.unwrap();
            let file = ("file".to_owned(), Some("a \"b.csv".to_owned()), "one\r\n--xy\r\n--xz".to_owned());
            let none = ("empty".to_owned(), None, String::new());
            assert_eq!(fields, [("kind".to_owned(), None, "payments".to_owned()), file, none], "{size}");
        }
    }

    #[tokio::test]
    async fn a_form_that_breaks_off_anywhere_is_an_error() {
        let whole = FORM.len() - "--\r\n".len();
        for length in 0..whole {
            assert!(read(&FORM.as_bytes()[..length], 7).await.is_err(), "{length}");
        }
        let cut = read(&FORM.as_bytes()[..FORM.find("one").unwrap()], 7).await;
        assert!(matches!(cut, Err(Problem::BadRequest { code: "upload-broken-off", .. })));
    }

    #[tokio::test]
    async fn a_field_without_a_name_or_with_an_endless_text_is_refused() {
        assert!(read(b"--xyz\r\nX: y\r\n\r\na\r\n--xyz--", 9).await.is_err());
        let long = "y".repeat(3 * TEXT_BYTES_MAX);
        let endless = format!("--xyz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n{long}\r\n--xyz--\r\n");
        assert!(matches!(
            read(endless.as_bytes(), 512).await,
            Err(Problem::BadRequest { code: "body-unreadable", .. })
        ));
    }
}
