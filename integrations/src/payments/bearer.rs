//! A call that carries an access token: fetched once for all, renewed when it is refused (PROVIDERS §10, 20).

use crate::{
    http::Answer,
    messages::{TokenAnswer, token::TokenCache},
    secret::Secret,
};
use domain::error::Fault;
use http::StatusCode;

/// Makes a call with the token in hand; when that is refused, once more with a fresh one.
pub(super) async fn call<F, A>(
    tokens: &TokenCache,
    service: &'static str,
    fetch: impl Fn() -> F,
    attempt: impl Fn(Secret) -> A,
) -> Result<Answer, Fault>
where
    F: Future<Output = Result<TokenAnswer, Fault>>,
    A: Future<Output = Result<Answer, Fault>>,
{
    for _ in 0..2 {
        let token = tokens.get(&fetch).await?;
        let answer = attempt(token.clone()).await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        tokens.forget(&token).await;
    }
    Err(Fault::remote(service, "401 a fresh token is refused"))
}

/// The token of a token endpoint's answer. HTML with status 200 is not one (PROVIDERS §3.2).
pub(super) fn token(service: &'static str, answer: &Answer) -> Result<TokenAnswer, Fault> {
    let token = answer.status.is_success().then(|| answer.json()).flatten();
    token.ok_or_else(|| answer.fault(service, "no token", None))
}
