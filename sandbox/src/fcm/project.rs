//! Who may send pushes here: the public side of a service account.

use crate::service_account::ServiceAccount;
use rsa::RsaPrivateKey;
use rsa::pkcs8::{DecodePrivateKey, EncodePublicKey, LineEnding};

/// A project and the key its assertions are checked with.
#[derive(Debug, Clone)]
pub struct PushProject {
    /// The project in the send route.
    pub project_id: String,
    /// The `iss` an assertion must have.
    pub client_email: String,
    /// Public key, PEM.
    pub public_key: String,
    /// The `aud` an assertion must have; none: this sandbox's own `/token`.
    pub token_uri: Option<String>,
}

impl PushProject {
    /// The project of a service account file; its private key is not kept.
    ///
    /// # Errors
    /// In words, when the text is not such a file or its key cannot be read.
    pub fn read(json: &str) -> Result<Self, String> {
        let account: ServiceAccount =
            serde_json::from_str(json).map_err(|_| "expected the JSON of a service account".to_owned())?;
        Self::of(account).ok_or_else(|| "its private_key is not PKCS8 PEM of an RSA key".to_owned())
    }

    /// The project every test uses; tokens come from the sandbox itself.
    #[must_use]
    pub fn for_tests() -> Self {
        let project = Self::of(ServiceAccount::for_tests("")).expect("the published key is a key");
        Self { token_uri: None, ..project }
    }

    fn of(account: ServiceAccount) -> Option<Self> {
        let private = RsaPrivateKey::from_pkcs8_pem(&account.private_key).ok()?;
        let public_key = private.to_public_key().to_public_key_pem(LineEnding::LF).ok()?;
        let ServiceAccount { project_id, client_email, token_uri, .. } = account;
        Some(Self { project_id, client_email, public_key, token_uri: Some(token_uri) })
    }
}
