//! A browser for tests: keeps cookies, follows nothing by itself, sends forms as their pages give them.

use crate::support::app::TestApp;
use chitra::app::access::Role;
use reqwest::header::HeaderMap;
use reqwest::{Client, Method, redirect};
use std::collections::BTreeMap;

/// Cookies and the language that it asks for.
pub struct Browser {
    http: Client,
    base: String,
    pub cookies: BTreeMap<String, String>,
    pub language: &'static str,
    /// What it says that a form comes from; its own host for `None`.
    pub origin: Option<String>,
}

/// What it got.
pub struct Page {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    pub bytes: Vec<u8>,
}

impl Browser {
    pub fn new(test: &TestApp) -> Self {
        let http = Client::builder().no_proxy().redirect(redirect::Policy::none()).build().unwrap();
        let base = format!("http://{}", test.address());
        Self { http, base, cookies: BTreeMap::new(), language: "en", origin: None }
    }

    /// One that is signed in with a role's key.
    pub async fn signed_in(test: &TestApp, role: Role) -> Self {
        let bank = (role == Role::Bank).then_some("vcb");
        let key = test.key(role, None, bank).await;
        Self::with_key(test, &key).await
    }

    pub async fn with_key(test: &TestApp, key: &str) -> Self {
        let mut browser = Self::new(test);
        let form = browser.get("/sign-in").await.is(200).form_token();
        browser.post("/sign-in", &[("form_token", &form), ("key", key)]).await.leads_to("/");
        browser
    }

    pub async fn get(&mut self, path: &str) -> Page {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let encoded: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{name}={}", chitra::http::pages::gate::encoded(value)))
            .collect();
        self.send(Method::POST, path, Some(encoded.join("&"))).await
    }

    /// Sends a form with a file, as browsers do.
    pub async fn upload(&mut self, path: &str, fields: &[(&str, &str)], (name, bytes): (&str, &[u8])) -> Page {
        let mut body = Vec::new();
        for (field, text) in fields {
            body.extend(format!("--b0\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{text}\r\n").bytes());
        }
        let head = format!(
            "--b0\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/csv\r\n\r\n"
        );
        body.extend(head.bytes());
        body.extend_from_slice(bytes);
        body.extend(b"\r\n--b0--\r\n");
        self.send_as(Method::POST, path, Some(("multipart/form-data; boundary=b0", body))).await
    }

    async fn send(&mut self, method: Method, path: &str, body: Option<String>) -> Page {
        let body = body.map(|body| ("application/x-www-form-urlencoded", body.into_bytes()));
        self.send_as(method, path, body).await
    }

    async fn send_as(&mut self, method: Method, path: &str, body: Option<(&str, Vec<u8>)>) -> Page {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        request = request.header("accept-language", self.language).header("accept", "text/html");
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        if let Some((content_type, body)) = body {
            let origin = self.origin.as_ref().unwrap_or(&self.base);
            request = request.header("content-type", content_type).header("origin", origin);
            request = request.body(body);
        }
        let response = request.send().await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        for cookie in headers.get_all("set-cookie") {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let bytes = response.bytes().await.unwrap().to_vec();
        Page { status, headers, text: String::from_utf8_lossy(&bytes).into_owned(), bytes }
    }
}

impl Page {
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    #[track_caller]
    pub fn leads_to(self, path: &str) -> Self {
        assert_eq!((self.status, self.header("location")), (303, path), "{}", self.text);
        self
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// What the page's forms carry.
    pub fn form_token(&self) -> String {
        self.text.split("name=\"form_token\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }

    #[track_caller]
    pub fn says(&self, text: &str) -> &Self {
        assert!(self.text.contains(text), "there is no {text:?} in {}", self.text);
        self
    }

    #[track_caller]
    pub fn keeps_back(&self, text: &str) -> &Self {
        assert!(!self.text.contains(text), "{text:?} is told in {}", self.text);
        self
    }
}
