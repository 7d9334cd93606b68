//! Access tokens: short JWTs that name a person and a session (CX6, C16). Whether the session still stands is asked
//! of the database on every request (CX42); the token only saves a password from travelling.

use crate::config::ACCESS_TOKEN_LIFE;
use domain::{
    error::Fault,
    ids::{SessionId, UserId},
    refusals::Refusal,
};
use integrations::Secret;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode, errors::ErrorKind};
use serde::{Deserialize, Serialize};

const ISSUER: &str = "teranga";
const ALGORITHM: Algorithm = Algorithm::HS256;
/// Between the clocks of our own machines, in seconds.
const LEEWAY: u64 = 5;

/// What a token says.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Claims {
    /// Who.
    pub sub: UserId,
    /// By which sign-in.
    pub sid: SessionId,
    /// Made at, in unix seconds.
    iat: u64,
    /// Good until, in unix seconds.
    exp: u64,
    iss: Issuer,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
enum Issuer {
    #[serde(rename = "teranga")]
    Teranga,
}

/// Makes and checks access tokens. Only one algorithm is ever accepted, whatever a token's header says.
pub struct Tokens {
    sign: EncodingKey,
    check: DecodingKey,
    rules: Validation,
}

impl Tokens {
    /// Tokens signed with `secret`.
    #[must_use]
    pub fn new(secret: &Secret) -> Self {
        let mut rules = Validation::new(ALGORITHM);
        rules.set_issuer(&[ISSUER]);
        rules.set_required_spec_claims(&["exp", "iss", "sub"]);
        rules.leeway = LEEWAY;
        let secret = secret.expose().as_bytes();
        Self { sign: EncodingKey::from_secret(secret), check: DecodingKey::from_secret(secret), rules }
    }

    /// A token for a session, good for [`ACCESS_TOKEN_LIFE`].
    ///
    /// # Errors
    /// A fault when it cannot be signed.
    pub fn issue(&self, user: UserId, session: SessionId) -> Result<String, Fault> {
        let now = jsonwebtoken::get_current_timestamp();
        let claims =
            Claims { sub: user, sid: session, iat: now, exp: now + ACCESS_TOKEN_LIFE.as_secs(), iss: Issuer::Teranga };
        self.write(&claims)
    }

    fn write(&self, claims: &Claims) -> Result<String, Fault> {
        encode(&Header::new(ALGORITHM), claims, &self.sign).map_err(|error| Fault::corrupt("access token", error))
    }

    /// What a token says, once its signature and time are checked.
    ///
    /// # Errors
    /// `token_expired` for a true token past its time, `token_invalid` for anything else.
    pub fn read(&self, token: &str) -> Result<Claims, Refusal> {
        match decode::<Claims>(token, &self.check, &self.rules) {
            Ok(token) => Ok(token.claims),
            Err(error) if matches!(error.kind(), ErrorKind::ExpiredSignature) => Err(Refusal::TokenExpired),
            Err(_) => Err(Refusal::TokenInvalid),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

    fn tokens() -> Tokens {
        Tokens::new(&Secret::new("0123456789abcdef0123456789abcdef"))
    }

    #[test]
    fn a_token_says_who_and_by_which_session() {
        let (user, session) = (UserId::new(), SessionId::new());
        let claims = tokens().read(&tokens().issue(user, session).unwrap()).unwrap();
        assert_eq!((claims.sub, claims.sid), (user, session));
        assert_eq!(claims.exp - claims.iat, 900);
    }

    #[test]
    fn what_is_old_forged_or_unsigned_is_refused() {
        let old = Claims { sub: UserId::new(), sid: SessionId::new(), iat: 1, exp: 2, iss: Issuer::Teranga };
        assert_eq!(tokens().read(&tokens().write(&old).unwrap()).unwrap_err(), Refusal::TokenExpired);

        let other = Tokens::new(&Secret::new("another secret of thirty-two bytes"));
        let forged = other.issue(UserId::new(), SessionId::new()).unwrap();
        assert_eq!(tokens().read(&forged).unwrap_err(), Refusal::TokenInvalid);
        // an old token of somebody else's is forged, not expired
        assert_eq!(tokens().read(&other.write(&old).unwrap()).unwrap_err(), Refusal::TokenInvalid);

        let good = tokens().issue(UserId::new(), SessionId::new()).unwrap();
        let claims = good.split('.').nth(1).unwrap();
        let unsigned = format!("{}.{claims}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#));
        for wrong in [unsigned.as_str(), "", "a.b.c", &good[..good.len() - 2]] {
            assert_eq!(tokens().read(wrong).unwrap_err(), Refusal::TokenInvalid, "{wrong}");
        }
    }
}
