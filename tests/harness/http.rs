//! Requests as a client makes them, and answers as it sees them.

use crate::people::Person;
use reqwest::{Client, Method, header::HeaderMap};
use serde_json::Value;

/// An answer, read whole.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    /// Panics with the body unless the status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "answered {}", self.body);
        self
    }

    /// Panics unless refused with this status and code.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Self {
        assert_eq!((self.status, self.code()), (status, code), "answered {}", self.body);
        assert!(self.body["error"]["message"].is_string(), "no message: {}", self.body);
        self
    }

    /// A value under `data`, by JSON pointer.
    #[track_caller]
    pub fn data(&self, pointer: &str) -> Value {
        let found = self.body.pointer(&format!("/data{pointer}"));
        found.unwrap_or_else(|| panic!("no /data{pointer} in {}", self.body)).clone()
    }

    #[track_caller]
    pub fn text(&self, pointer: &str) -> String {
        let value = self.data(pointer);
        value.as_str().unwrap_or_else(|| panic!("{pointer} is {value}")).to_owned()
    }

    #[track_caller]
    pub fn int(&self, pointer: &str) -> i64 {
        let value = self.data(pointer);
        value.as_i64().unwrap_or_else(|| panic!("{pointer} is {value}"))
    }

    pub fn code(&self) -> &str {
        self.body["error"]["code"].as_str().unwrap_or_default()
    }

    pub fn details(&self) -> &Value {
        &self.body["error"]["details"]
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

/// One request being written.
pub struct Ask {
    request: reqwest::RequestBuilder,
}

impl Ask {
    pub fn new(client: &Client, base: &str, method: Method, path: &str) -> Self {
        let path = if path.starts_with("/health") || path.starts_with("/metrics") || path.starts_with("/api") {
            path.to_owned()
        } else {
            format!("/api/v1{path}")
        };
        Self::at(client, base, method, &path)
    }

    /// At this very address, whatever stands there.
    pub fn at(client: &Client, base: &str, method: Method, path: &str) -> Self {
        Self { request: client.request(method, format!("{base}{path}")) }
    }

    pub fn by(self, person: &Person) -> Self {
        Self { request: self.request.bearer_auth(&person.token).header("x-org-id", person.org.to_string()) }
    }

    pub fn header(self, name: &str, value: impl AsRef<str>) -> Self {
        Self { request: self.request.header(name, value.as_ref()) }
    }

    pub fn key(self, key: impl AsRef<str>) -> Self {
        self.header("idempotency-key", key)
    }

    pub fn json(self, body: &Value) -> Self {
        Self { request: self.request.json(body) }
    }

    pub fn bytes(self, body: Vec<u8>) -> Self {
        self.body("application/json", body)
    }

    pub fn body(self, kind: &str, body: impl Into<reqwest::Body>) -> Self {
        Self { request: self.request.header("content-type", kind).body(body) }
    }

    /// In this organization, by id or slug.
    pub fn within(self, org: &str) -> Self {
        self.header("x-org-id", org)
    }

    /// With this access token, whoever's it is.
    pub fn bearer(self, token: &str) -> Self {
        Self { request: self.request.bearer_auth(token) }
    }

    pub async fn send(self) -> Answer {
        self.try_send().await.expect("the API answers")
    }

    /// A file: its headers and its bytes.
    pub async fn download(self) -> (HeaderMap, Vec<u8>) {
        let response = self.request.send().await.expect("the API answers");
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await.expect("the file comes whole").to_vec();
        assert_eq!(status, 200, "answered {}", String::from_utf8_lossy(&bytes));
        (headers, bytes)
    }

    pub async fn try_send(self) -> Result<Answer, reqwest::Error> {
        let response = self.request.send().await?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = response.bytes().await?;
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        Ok(Answer { status, headers, body })
    }
}
