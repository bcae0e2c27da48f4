//! What an operation of the API is: one row of the table that routing, access and the OpenAPI document are made from.

use crate::app::access::Action;
use actix_web::Route;

/// The methods that the API uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
}

impl Method {
    /// As in OpenAPI.
    #[must_use]
    pub const fn lower(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
        }
    }

    /// As on the wire.
    #[must_use]
    pub const fn upper(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

/// A query parameter.
#[derive(Debug, Clone, Copy)]
pub struct Parameter {
    pub name: &'static str,
    pub description: &'static str,
    /// Name of a schema in the document's components.
    pub schema: &'static str,
    pub required: bool,
}

/// What an operation takes as its body.
#[derive(Debug, Clone, Copy)]
pub enum Input {
    /// No body.
    Nothing,
    /// A JSON object of this schema.
    Json(&'static str),
    /// An office file: CSV, XLSX or NDJSON.
    File,
}

/// What an operation answers when all is well.
#[derive(Debug, Clone, Copy)]
pub enum Output {
    /// JSON of this schema.
    Json(&'static str),
    /// A table: JSON of this schema, or CSV, XLSX, NDJSON by `Accept` or `format`.
    Table(&'static str),
    /// A page to be printed, JSON of this schema, or a table as CSV, XLSX, NDJSON, by `Accept` or `format`.
    Report(&'static str),
    /// JSON pages of this schema, or a live `text/event-stream`.
    Feed(&'static str),
    /// An XLSX file.
    Xlsx,
    /// An HTML page.
    Html,
    /// Plain text.
    Text,
    /// A page to be printed, or the same as XLSX or CSV by `format`.
    Paper,
    /// A file for a bank: XML, or a table of its own columns.
    BankFile,
    /// Prometheus text.
    Metrics,
}

/// How repeats of an operation behave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Records something new; needs an `Idempotency-Key`; answers 201.
    Create,
    /// Records something on an object; needs an `Idempotency-Key`, takes `If-Match`; answers 200 or 201.
    Command,
    /// Records a bank's message; its signature is its key, and its own id makes repeats harmless. Answers 202.
    Signed,
    /// Records a file; needs an `Idempotency-Key` unless it is a dry run.
    Import,
}

/// One operation.
#[derive(Clone, Copy)]
pub struct Operation {
    pub id: &'static str,
    pub method: Method,
    pub path: &'static str,
    /// What the caller must be allowed to do; `None` is open to everybody: health, documents, and what the log signs for everybody.
    pub action: Option<Action>,
    pub summary: &'static str,
    pub description: &'static str,
    pub parameters: &'static [Parameter],
    pub input: Input,
    pub output: Output,
    pub effect: Effect,
    /// Makes the route with its handler.
    pub route: fn() -> Route,
}

/// A `GET` that changes nothing.
pub(super) const fn read(
    id: &'static str,
    path: &'static str,
    action: Option<Action>,
    output: Output,
    route: fn() -> actix_web::Route,
) -> Operation {
    Operation {
        id,
        method: Method::Get,
        path,
        action,
        summary: "",
        description: "",
        parameters: &[],
        input: Input::Nothing,
        output,
        effect: Effect::Read,
        route,
    }
}

/// A `POST` with a JSON body that records something.
pub(super) const fn write(
    id: &'static str,
    path: &'static str,
    action: Action,
    (input, output): (&'static str, &'static str),
    route: fn() -> actix_web::Route,
) -> Operation {
    Operation {
        id,
        method: Method::Post,
        path,
        action: Some(action),
        summary: "",
        description: "",
        parameters: &[],
        input: Input::Json(input),
        output: Output::Json(output),
        effect: Effect::Command,
        route,
    }
}

impl Operation {
    pub(super) const fn says(mut self, summary: &'static str, description: &'static str) -> Self {
        self.summary = summary;
        self.description = description;
        self
    }

    pub(super) const fn takes(mut self, parameters: &'static [Parameter]) -> Self {
        self.parameters = parameters;
        self
    }

    pub(super) const fn with_effect(mut self, effect: Effect) -> Self {
        self.effect = effect;
        self
    }

    /// Open to whoever signs with a bank's key.
    pub(super) const fn signed(mut self) -> Self {
        self.action = None;
        self.effect = Effect::Signed;
        self
    }

    pub(super) const fn takes_file(mut self) -> Self {
        self.input = Input::File;
        self
    }
}
