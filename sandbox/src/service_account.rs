//! The service account that may send pushes, in the form Google's console hands out (PROVIDERS §5.2).

use rsa::RsaPrivateKey;
use rsa::pkcs8::{EncodePrivateKey, LineEnding};
use serde::{Deserialize, Serialize};

/// Test only: this key is published with the source and protects nothing.
const TEST_ONLY_KEY: &str = include_str!("../fixtures/test-only-push-key.pem");
/// Bits of a fresh key.
const KEY_BITS: usize = 2_048;

/// The file the console hands out.
#[derive(Clone, Serialize, Deserialize)]
pub struct ServiceAccount {
    /// Always `service_account`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The project pushes belong to.
    pub project_id: String,
    /// Names the key in the assertion's header.
    pub private_key_id: String,
    /// PKCS8 PEM.
    pub private_key: String,
    /// Who asks: the assertion's `iss`.
    pub client_email: String,
    /// Where tokens are asked for: the assertion's `aud`.
    pub token_uri: String,
}

impl ServiceAccount {
    /// A service account with a fresh key. Takes a second or more.
    ///
    /// # Errors
    /// When the machine has no randomness to give.
    pub fn fresh(project: &str, token_uri: &str) -> Result<Self, Box<dyn std::error::Error>> {
        let key = RsaPrivateKey::new(&mut rsa::rand_core::OsRng, KEY_BITS)?;
        let pem = key.to_pkcs8_pem(LineEnding::LF)?;
        let key_id = format!("{:032x}", rand::random::<u128>());
        Ok(Self::with_key(project, token_uri, &pem, key_id))
    }

    /// The service account of tests, with the published key.
    #[must_use]
    pub fn for_tests(token_uri: &str) -> Self {
        Self::with_key("teranga-test", token_uri, TEST_ONLY_KEY, "test-only".into())
    }

    fn with_key(project: &str, token_uri: &str, pem: &str, private_key_id: String) -> Self {
        Self {
            kind: "service_account".into(),
            project_id: project.into(),
            private_key_id,
            private_key: pem.into(),
            client_email: format!("push@{project}.iam.gserviceaccount.com"),
            token_uri: token_uri.into(),
        }
    }

    /// The file's text, on one line so that it fits a variable.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("six texts make a JSON object")
    }
}
