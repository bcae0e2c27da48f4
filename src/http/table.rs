//! The form of an answer that is a table: `Accept` or `format` choose JSON, CSV, XLSX, NDJSON or Parquet.

use crate::app::error::AppError;
use crate::app::table::{Format, Table};
use crate::app::words::Words;
use crate::http::problem::Problem;
use crate::http::query::Query;
use actix_web::http::header::{ACCEPT, CONTENT_DISPOSITION};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

/// XLSX's media type.
pub const XLSX_TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Parquet's media type.
pub const PARQUET_TYPE: &str = "application/vnd.apache.parquet";

const FORMAT_WORDS: Words =
    Words { en: "json, csv, xlsx, ndjson or parquet", vi: "json, csv, xlsx, ndjson hoặc parquet" };

/// The form asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    Json,
    File(Format),
    Parquet,
}

fn form_of(word: &str) -> Option<Form> {
    match word {
        "json" => Some(Form::Json),
        "csv" => Some(Form::File(Format::Csv)),
        "xlsx" => Some(Form::File(Format::Xlsx)),
        "ndjson" => Some(Form::File(Format::Ndjson)),
        "parquet" => Some(Form::Parquet),
        _ => None,
    }
}

/// Reads `format`, else `Accept`. The first type that we have wins; none is 406.
pub fn form(request: &HttpRequest, query: &mut Query) -> Result<Form, Problem> {
    if let Some(form) = query.optional("format", &FORMAT_WORDS, form_of) {
        return Ok(form);
    }
    let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or("*/*");
    for part in accept.split(',') {
        match part.split(';').next().unwrap_or("").trim() {
            "application/json" | "application/*" | "*/*" | "text/html" | "" => return Ok(Form::Json),
            "text/csv" | "text/*" => return Ok(Form::File(Format::Csv)),
            XLSX_TYPE => return Ok(Form::File(Format::Xlsx)),
            "application/x-ndjson" => return Ok(Form::File(Format::Ndjson)),
            PARQUET_TYPE => return Ok(Form::Parquet),
            _ => {}
        }
    }
    Err(Problem::NotAcceptable)
}

/// A file's bytes with its type and name.
pub fn file(format: Format, name: &str, bytes: Vec<u8>) -> HttpResponse {
    let (content_type, ending) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "csv"),
        Format::Xlsx => (XLSX_TYPE, "xlsx"),
        Format::Ndjson => ("application/x-ndjson", "ndjson"),
    };
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.{ending}\"")))
        .body(bytes)
}

/// Answers a table: as a file, or as JSON objects under `name` beside the other members.
pub fn respond(table: &Table, form: Form, name: &str, members: &Value) -> Result<HttpResponse, Problem> {
    match form {
        Form::File(format) => {
            let bytes = table.to_bytes(format, name).map_err(Problem::App)?;
            let mut response = file(format, name, bytes);
            stamp(&mut response, members);
            Ok(response)
        }
        Form::Parquet => {
            let bytes = table.to_parquet().map_err(Problem::App)?;
            let disposition = format!("attachment; filename=\"{name}.parquet\"");
            let mut answer = HttpResponse::Ok();
            let answer = answer.content_type(PARQUET_TYPE).insert_header((CONTENT_DISPOSITION, disposition));
            let mut response = answer.body(bytes);
            stamp(&mut response, members);
            Ok(response)
        }
        Form::Json => {
            let mut answer = members.clone();
            let object =
                answer.as_object_mut().ok_or_else(|| AppError::Internal("members are no object".to_owned()))?;
            object.insert(name.to_owned(), json!(table.to_objects()));
            Ok(HttpResponse::Ok().json(answer))
        }
    }
}

/// A file has no room for the position that it is of; the headers say it.
fn stamp(response: &mut HttpResponse, members: &Value) {
    use actix_web::http::header::{HeaderName, HeaderValue};
    for (member, header) in [("as_of_position", "x-as-of-position"), ("as_of_time", "x-as-of-time")] {
        let text = members.get(member).map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        if let Some(value) = text.and_then(|text| HeaderValue::from_str(&text).ok()) {
            response.headers_mut().insert(HeaderName::from_static(header), value);
        }
    }
}
