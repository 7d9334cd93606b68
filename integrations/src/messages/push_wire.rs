//! FCM HTTP v1 JSON and the token answer before it (PROVIDERS §5). The sandbox speaks with these types too.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The scope a push token is asked for.
pub const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";

/// The grant of the token request.
pub const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/// Claims of the signed assertion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The service account's e-mail.
    pub iss: String,
    /// [`SCOPE`].
    pub scope: String,
    /// The token address.
    pub aud: String,
    /// Unix seconds.
    pub iat: i64,
    /// Unix seconds; at most an hour later.
    pub exp: i64,
}

/// Form of `POST token_uri`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TokenRequest {
    /// [`GRANT_TYPE`].
    pub grant_type: String,
    /// The signed JWT.
    pub assertion: String,
}

/// Body of `POST /v1/projects/{project}/messages:send`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendRequest {
    /// What to send, and to whom.
    pub message: Message,
}

/// One push to one device.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// The device's registration token.
    pub token: String,
    /// What the phone shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notification: Option<Notification>,
    /// What the app reads: strings only.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub data: BTreeMap<String, String>,
    /// Android's own options.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub android: Option<Android>,
    /// Apple's own options.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub apns: Option<Apns>,
}

/// What the phone shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// First line.
    pub title: String,
    /// The rest.
    pub body: String,
}

/// Android's own options.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Android {
    /// `HIGH` or `NORMAL`.
    pub priority: String,
    /// E.g. `600s`.
    pub ttl: String,
    /// A later push with the same key replaces this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collapse_key: Option<String>,
}

/// Apple's own options.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Apns {
    /// `apns-priority`, `apns-collapse-id`, `apns-expiration`.
    pub headers: BTreeMap<String, String>,
    /// The `aps` dictionary.
    pub payload: serde_json::Value,
}

/// 200 of the send route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// `projects/…/messages/…`.
    pub name: String,
}

/// Any other status of the send route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// The refusal.
    pub error: ApiError,
}

/// Google's error form.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ApiError {
    /// The HTTP status, repeated.
    #[serde(default)]
    pub code: u16,
    /// Google's words.
    #[serde(default)]
    pub message: String,
    /// E.g. `NOT_FOUND`.
    #[serde(default)]
    pub status: String,
    /// Typed details: [`FCM_ERROR`] and [`BAD_REQUEST`] matter here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<Detail>,
}

/// `@type` of the detail that carries FCM's own code.
pub const FCM_ERROR: &str = "type.googleapis.com/google.firebase.fcm.v1.FcmError";

/// `@type` of the detail that names the field at fault.
pub const BAD_REQUEST: &str = "type.googleapis.com/google.rpc.BadRequest";

/// One detail of an error.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Detail {
    /// What kind of detail.
    #[serde(rename = "@type", default)]
    pub kind: String,
    /// FCM's own code, e.g. `UNREGISTERED`.
    #[serde(rename = "errorCode", default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// Which fields were wrong.
    #[serde(rename = "fieldViolations", default, skip_serializing_if = "Vec::is_empty")]
    pub field_violations: Vec<FieldViolation>,
}

/// A field that was wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldViolation {
    /// E.g. `message.token`.
    #[serde(default)]
    pub field: String,
    /// Google's words.
    #[serde(default)]
    pub description: String,
}
