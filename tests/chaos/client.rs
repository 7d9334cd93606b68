//! A client as a good app is one: where no answer came, or the answer was "come again", it asks another door the same
//! thing under the same key. What it met on the way is counted: some cases allow it, others do not.

use harness::{Answer, Person, TestApp, http::Ask, story::uuid};
use reqwest::Method;
use serde_json::Value;
use std::{
    fmt,
    sync::{
        Mutex,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// A client gives up after this: longer than any outage here.
const PATIENCE: Duration = Duration::from_secs(40);
/// No request takes this long; the API gives it up before.
const LONGEST_ANSWER: Duration = Duration::from_secs(35);
/// Kept of each kind.
const SAMPLES: u64 = 4;
const PAUSE: Duration = Duration::from_millis(100);

/// What may come between a request and its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hitch {
    /// Nobody listened at that door.
    Refused,
    /// The request was sent, and the connection ended or stayed silent.
    Cut,
    /// 503: the door said that it cannot answer now.
    Later,
}

impl Hitch {
    pub const ALL: [Self; 3] = [Self::Refused, Self::Cut, Self::Later];
}

/// How often each was met, and where first.
#[derive(Debug, Default)]
pub struct Hitches([AtomicU64; 3], Mutex<Vec<(Hitch, String)>>);

impl Hitches {
    fn meet(&self, hitch: Hitch, place: impl FnOnce() -> String) {
        if self.0[hitch as usize].fetch_add(1, Ordering::Relaxed) < SAMPLES {
            self.1.lock().unwrap().push((hitch, place()));
        }
    }

    /// Some of those that this case does not allow.
    pub fn samples_beyond(&self, allowed: &[Hitch]) -> Vec<String> {
        let met = self.1.lock().unwrap();
        let beyond = met.iter().filter(|(hitch, _)| !allowed.contains(hitch));
        beyond.map(|(hitch, place)| format!("{hitch:?}: {place}")).collect()
    }

    /// Those that this case does not allow.
    pub fn beyond(&self, allowed: &[Hitch]) -> u64 {
        Hitch::ALL.iter().filter(|hitch| !allowed.contains(hitch)).map(|hitch| self.of(*hitch)).sum()
    }

    fn of(&self, hitch: Hitch) -> u64 {
        self.0[hitch as usize].load(Ordering::Relaxed)
    }
}

impl fmt::Display for Hitches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [refused, cut, later] = Hitch::ALL.map(|hitch| self.of(hitch));
        write!(f, "clients were refused {refused} times, cut off {cut} times, told to come again {later} times")
    }
}

/// Many people's way to the product.
pub struct Client<'a> {
    app: &'a TestApp,
    doors: Vec<String>,
    next: AtomicUsize,
    pub hitches: Hitches,
}

impl<'a> Client<'a> {
    pub fn new(app: &'a TestApp, doors: Vec<String>) -> Self {
        Self { app, doors, next: AtomicUsize::new(0), hitches: Hitches::default() }
    }

    pub async fn get(&self, by: &Person, path: &str) -> Answer {
        self.send(Method::GET, path, |ask| ask.by(by)).await
    }

    pub async fn post(&self, by: &Person, path: &str, body: &Value) -> Answer {
        let key = uuid();
        self.send(Method::POST, path, |ask| ask.by(by).key(&key).header("prefer", "wait=0").json(body)).await
    }

    /// Changes what was last seen with this tag.
    pub async fn change(&self, by: &Person, path: &str, seen: &str, patch: &Value) -> Answer {
        self.send(Method::PATCH, path, |ask| ask.by(by).header("if-match", seen).json(patch)).await
    }

    pub async fn remove(&self, by: &Person, path: &str) -> Answer {
        self.send(Method::DELETE, path, |ask| ask.by(by)).await
    }

    async fn send(&self, method: Method, path: &str, written: impl Fn(Ask) -> Ask) -> Answer {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let door = &self.doors[self.next.fetch_add(1, Ordering::Relaxed) % self.doors.len()];
            let ask = written(Ask::new(&self.app.client, door, method.clone(), path));
            let (hitch, what) = match tokio::time::timeout(LONGEST_ANSWER, ask.try_send()).await {
                Ok(Ok(answer)) if answer.status == 503 => (Hitch::Later, answer.body.to_string()),
                Ok(Ok(answer)) => return answer,
                Ok(Err(error)) if error.is_connect() => (Hitch::Refused, format!("{error:?}")),
                Ok(Err(error)) => (Hitch::Cut, format!("{error:?}")),
                Err(silence) => (Hitch::Cut, silence.to_string()),
            };
            self.hitches.meet(hitch, || format!("{method} {path}: {what}"));
            assert!(Instant::now() < deadline, "no answer to {method} {path} within {PATIENCE:?}");
            tokio::time::sleep(PAUSE).await;
        }
    }
}
