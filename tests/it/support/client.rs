//! A caller of the API, and answers that say what they are when a test expects something else of them.

use super::contract;
use reqwest::Method;
use reqwest::header::HeaderMap;
use serde_json::Value;

/// A caller with its key.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    key: Option<String>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
    /// Null when the body is not JSON.
    pub body: Value,
}

impl Client {
    pub const fn new(http: reqwest::Client, base: String, key: Option<String>) -> Self {
        Self { http, base, key }
    }

    /// A request to be completed by the test.
    pub fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.key {
            Some(key) => request.header("authorization", format!("Bearer {key}")),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    /// `GET` with one header.
    pub async fn get_with(&self, path: &str, (name, value): (&str, &str)) -> Answer {
        send(self.request(Method::GET, path).header(name, value)).await
    }

    /// `POST` of a JSON body under an idempotency key.
    pub async fn post(&self, path: &str, idempotency_key: &str, body: &Value) -> Answer {
        send(self.request(Method::POST, path).header("idempotency-key", idempotency_key).json(body)).await
    }

    /// `POST` without an idempotency key.
    pub async fn post_without_key(&self, path: &str, body: &Value) -> Answer {
        send(self.request(Method::POST, path).json(body)).await
    }

    /// `POST` that expects the object to stand at a revision.
    pub async fn post_if_match(&self, path: &str, (idempotency_key, revision): (&str, &str), body: &Value) -> Answer {
        let request = self.request(Method::POST, path).header("idempotency-key", idempotency_key);
        send(request.header("if-match", revision).json(body)).await
    }

    /// Uploads an office file.
    pub async fn upload(&self, query: &str, idempotency_key: &str, bytes: impl Into<reqwest::Body>) -> Answer {
        let path = format!("/v1/imports?{query}");
        send(self.request(Method::POST, &path).header("idempotency-key", idempotency_key).body(bytes)).await
    }
}

/// Sends a request and reads the answer.
pub async fn send(request: reqwest::RequestBuilder) -> Answer {
    let (http, request) = request.build_split();
    let request = request.unwrap();
    let (method, path) = (request.method().clone(), request.url().path().to_owned());
    let response = http.execute(request).await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes = response.bytes().await.unwrap().to_vec();
    let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
    let content_type = headers.get("content-type").map_or("", |value| value.to_str().unwrap());
    contract::hold(method.as_str(), &path, (status, content_type, &body));
    Answer { status, headers, bytes, body }
}

impl Answer {
    /// The answer, if it has this status.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// The body of an answer with this status.
    #[track_caller]
    pub fn json(self, status: u16) -> Value {
        self.is(status).body
    }

    /// A refusal with this status and stable code; it must be a whole problem document.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status, self.body["code"].as_str()), (status, Some(code)), "{}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.body["status"], status);
        assert_eq!(self.body["type"], format!("/docs#{code}"));
        for member in ["title", "detail", "request_id"] {
            assert!(self.body[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {}", self.text());
        }
        assert_eq!(self.header("x-request-id"), self.body["request_id"].as_str().unwrap());
        self
    }

    /// What is wrong with which field: `/amount missing`, sorted.
    pub fn errors(&self) -> Vec<String> {
        let issues = self.body["errors"].as_array().cloned().unwrap_or_default();
        let mut errors: Vec<String> = issues
            .iter()
            .map(|issue| {
                for language in ["message", "message_vi"] {
                    assert!(issue[language].as_str().is_some_and(|text| !text.is_empty()), "{issue}");
                }
                format!("{} {}", issue["pointer"].as_str().unwrap(), issue["code"].as_str().unwrap())
            })
            .collect();
        errors.sort();
        errors
    }

    /// A header's text; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Whether this is the first answer, given again.
    pub fn replayed(&self) -> bool {
        self.header("idempotent-replayed") == "true"
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}
