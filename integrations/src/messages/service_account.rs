//! A Google service account: the key that push tokens are asked with (PROVIDERS §5.2).

use super::push_wire::{Claims, SCOPE};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Deserialize;
use std::{fmt, path::Path};

/// How long an assertion is valid; Google allows an hour.
const ASSERTION_SECONDS: i64 = 3_600;

/// Who we are to Google, with the key that proves it.
#[derive(Clone)]
pub struct ServiceAccount {
    /// The project the devices registered with.
    pub project_id: String,
    /// Where assertions become tokens.
    pub token_uri: String,
    client_email: String,
    key_id: Option<String>,
    key: EncodingKey,
}

/// A service account that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ServiceAccountError {
    /// The file is not there or not ours to read.
    #[error("cannot read the service account file: {0}")]
    File(#[from] std::io::Error),
    /// Not the JSON that Google's console gives.
    #[error("the service account is not complete JSON: line {}", .0.line())]
    Json(serde_json::Error),
    /// The private key in it is no RSA key.
    #[error("the service account's private key is not an RSA key in PEM form")]
    Key,
}

#[derive(Deserialize)]
struct Written {
    project_id: String,
    client_email: String,
    private_key: String,
    private_key_id: Option<String>,
    token_uri: String,
}

impl ServiceAccount {
    /// Reads the account from JSON, or from the file a path names.
    ///
    /// # Errors
    /// [`ServiceAccountError`], without any part of the key in it.
    pub fn load(path_or_json: &str) -> Result<Self, ServiceAccountError> {
        if path_or_json.trim_start().starts_with('{') {
            return Self::parse(path_or_json);
        }
        Self::parse(&std::fs::read_to_string(Path::new(path_or_json.trim()))?)
    }

    fn parse(json: &str) -> Result<Self, ServiceAccountError> {
        let written: Written = serde_json::from_str(json).map_err(ServiceAccountError::Json)?;
        let key = EncodingKey::from_rsa_pem(written.private_key.as_bytes()).map_err(|_| ServiceAccountError::Key)?;
        Ok(Self {
            project_id: written.project_id,
            token_uri: written.token_uri,
            client_email: written.client_email,
            key_id: written.private_key_id,
            key,
        })
    }

    /// The signed assertion that is exchanged for a token; `None` when the key refuses to sign.
    pub(super) fn assertion(&self, now_unix: i64) -> Option<String> {
        let header = Header { kid: self.key_id.clone(), ..Header::new(Algorithm::RS256) };
        let claims = Claims {
            iss: self.client_email.clone(),
            scope: SCOPE.to_owned(),
            aud: self.token_uri.clone(),
            iat: now_unix,
            exp: now_unix + ASSERTION_SECONDS,
        };
        jsonwebtoken::encode(&header, &claims, &self.key).ok()
    }
}

impl fmt::Debug for ServiceAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceAccount").field("project_id", &self.project_id).finish_non_exhaustive()
    }
}
