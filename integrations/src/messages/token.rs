//! An access token shared by every send: fetched by one caller at a time, renewed before it ends (PROVIDERS §10, 20).

use super::SendAnswer;
use crate::secret::Secret;
use domain::error::Fault;
use serde::{Deserialize, Deserializer, Serialize, de};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// Renew this long before the end, or after nine tenths of a short life.
const EARLY: Duration = Duration::from_secs(300);

/// How long a failed fetch answers for those who queued behind it, so that they do not each wait for a dead host.
const FAILURE_SHARED: Duration = Duration::from_secs(1);

/// What a token endpoint answers, Google's and Orange's alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenAnswer {
    /// The token.
    pub access_token: String,
    /// Its life in seconds; some write the number as text (PROVIDERS §3.2).
    #[serde(deserialize_with = "seconds")]
    pub expires_in: u64,
    /// `Bearer`.
    #[serde(default)]
    pub token_type: String,
}

fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Seconds {
        Number(u64),
        Text(String),
    }
    match Seconds::deserialize(deserializer)? {
        Seconds::Number(number) => Ok(number),
        Seconds::Text(text) => text.parse().map_err(de::Error::custom),
    }
}

/// What a carrier's answer to one attempt asks for.
#[derive(Debug)]
pub(crate) enum Judgement {
    Final(SendAnswer),
    RenewToken,
    Trouble(Fault),
}

/// The token in hand, if any.
#[derive(Debug, Default)]
pub(crate) struct TokenCache {
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
enum Held {
    #[default]
    Nothing,
    Token {
        token: Secret,
        renew_at: Instant,
    },
    Failed {
        service: &'static str,
        problem: String,
        until: Instant,
    },
}

impl TokenCache {
    /// The token in hand, or the one `fetch` brings. While one caller fetches, the others wait for its token.
    pub(crate) async fn get<F>(&self, fetch: impl FnOnce() -> F) -> Result<Secret, Fault>
    where
        F: Future<Output = Result<TokenAnswer, Fault>>,
    {
        let mut held = self.held.lock().await;
        match &*held {
            Held::Token { token, renew_at } if Instant::now() < *renew_at => return Ok(token.clone()),
            Held::Failed { service, problem, until } if Instant::now() < *until => {
                return Err(Fault::remote(service, problem));
            }
            _ => {}
        }
        match fetch().await {
            Ok(answer) => {
                let token = Secret::new(answer.access_token);
                *held = Held::Token { token: token.clone(), renew_at: Instant::now() + useful_life(answer.expires_in) };
                Ok(token)
            }
            Err(fault) => {
                if let Fault::Remote { service, problem, .. } = &fault {
                    let until = Instant::now() + FAILURE_SHARED;
                    *held = Held::Failed { service, problem: problem.clone(), until };
                }
                Err(fault)
            }
        }
    }

    /// Attempts a send with the token in hand; when that is refused, once more with a fresh one.
    pub(crate) async fn send<F, A>(
        &self,
        service: &'static str,
        fetch: impl Fn() -> F,
        attempt: impl Fn(Secret) -> A,
    ) -> Result<SendAnswer, Fault>
    where
        F: Future<Output = Result<TokenAnswer, Fault>>,
        A: Future<Output = Result<Judgement, Fault>>,
    {
        for _ in 0..2 {
            let token = self.get(&fetch).await?;
            match attempt(token.clone()).await? {
                Judgement::Final(answer) => return Ok(answer),
                Judgement::Trouble(fault) => return Err(fault),
                Judgement::RenewToken => self.forget(&token).await,
            }
        }
        Err(Fault::remote(service, "401 a fresh token is refused"))
    }

    /// Drops `refused` after a 401, unless somebody has renewed it already.
    pub(crate) async fn forget(&self, refused: &Secret) {
        let mut held = self.held.lock().await;
        if matches!(&*held, Held::Token { token, .. } if token == refused) {
            *held = Held::Nothing;
        }
    }
}

fn useful_life(expires_in: u64) -> Duration {
    // A year at most: beyond that, adding to an instant may overflow.
    let life = Duration::from_secs(expires_in.min(365 * 24 * 3_600));
    life.saturating_sub(EARLY.min(life / 10))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };

    fn answer(text: &str, expires_in: u64) -> TokenAnswer {
        TokenAnswer { access_token: text.into(), expires_in, token_type: "Bearer".into() }
    }

    #[tokio::test]
    async fn many_callers_fetch_once() {
        let (cache, fetches) = (Arc::new(TokenCache::default()), Arc::new(AtomicUsize::new(0)));
        let callers = (0..20).map(|_| {
            let (cache, fetches) = (cache.clone(), fetches.clone());
            tokio::spawn(async move {
                let fetch = || async {
                    fetches.fetch_add(1, Ordering::SeqCst);
                    tokio::time::sleep(Duration::from_millis(20)).await;
                    Ok(answer("one", 3_600))
                };
                cache.get(fetch).await.unwrap()
            })
        });
        for caller in callers.collect::<Vec<_>>() {
            assert_eq!(caller.await.unwrap().expose(), "one");
        }
        assert_eq!(fetches.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_refused_token_is_forgotten_but_not_its_successor() {
        let cache = TokenCache::default();
        let first = cache.get(|| async { Ok(answer("first", 3_600)) }).await.unwrap();
        cache.forget(&first).await;
        let second = cache.get(|| async { Ok(answer("second", 3_600)) }).await.unwrap();
        assert_eq!(second.expose(), "second");
        cache.forget(&first).await;
        let third = cache.get(|| async { Ok(answer("third", 3_600)) }).await.unwrap();
        assert_eq!(third.expose(), "second", "a late 401 about the old token must not drop the new one");
    }

    #[tokio::test]
    async fn a_failure_answers_for_those_behind_it_and_is_then_retried() {
        let cache = TokenCache::default();
        assert!(cache.get(|| async { Err(Fault::remote("push", "timeout")) }).await.is_err());
        let hurried = cache.get(|| async { Ok(answer("token", 60)) }).await;
        assert!(matches!(hurried, Err(Fault::Remote { service: "push", .. })));
        tokio::time::sleep(FAILURE_SHARED).await;
        assert!(cache.get(|| async { Ok(answer("token", 60)) }).await.is_ok());
    }

    #[test]
    fn a_token_is_renewed_before_it_ends() {
        assert_eq!(useful_life(3_600), Duration::from_secs(3_300));
        assert_eq!(useful_life(60), Duration::from_secs(54));
        assert_eq!(useful_life(0), Duration::ZERO);
        assert!(useful_life(u64::MAX) < Duration::from_secs(400 * 24 * 3_600));
    }
}
