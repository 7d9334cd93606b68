//! What the product told its clients: it is held to the newest word about each booking and each place in a line.

use chrono::{DateTime, Utc};
use harness::Answer;
use serde_json::Value;
use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

/// Kept in words.
const SAMPLES: usize = 10;

/// The newest answer about a booking.
#[derive(Debug, Clone)]
pub struct Word {
    pub version: i32,
    pub status: String,
    pub start_at: DateTime<Utc>,
    pub end_at: DateTime<Utc>,
    pub units: BTreeSet<String>,
}

/// All words, and how often clients heard which.
#[derive(Default)]
pub struct Told {
    pub placed: AtomicU64,
    pub joined: AtomicU64,
    pub series: AtomicU64,
    pub closed: AtomicU64,
    pub accepted: AtomicU64,
    pub refused: AtomicU64,
    troubles: AtomicU64,
    samples: Mutex<Vec<String>>,
    bookings: Mutex<HashMap<String, Word>>,
    /// How a place in a line ended, as its person was told.
    ends: Mutex<HashMap<String, String>>,
}

impl Told {
    /// A booking as an answer shows it; older news than what is known changes nothing.
    pub fn booking(&self, answer: &Answer) {
        let Some(word) = Word::of(answer) else { return self.trouble(&format!("no booking: {}", answer.body)) };
        let mut known = self.bookings.lock().unwrap();
        let id = answer.text("/id");
        if known.get(&id).is_none_or(|before| before.version <= word.version) {
            known.insert(id, word);
        }
    }

    /// A booking that waits came with a place in a line: nothing is known of it but that it is.
    pub fn waits(&self, booking: &str, shown: &Value) {
        let moment = |name: &str| shown[name].as_str().unwrap().parse().unwrap();
        let (status, start_at, end_at) = ("waitlisted".into(), moment("start_at"), moment("end_at"));
        let word = Word { version: 1, status, start_at, end_at, units: BTreeSet::new() };
        self.bookings.lock().unwrap().entry(booking.to_owned()).or_insert(word);
    }

    pub fn ended(&self, entry: &str, how: &str) {
        if let Some(before) = self.ends.lock().unwrap().insert(entry.to_owned(), how.to_owned()) {
            self.trouble(&format!("entry {entry} ended twice: {before} and {how}"));
        }
    }

    /// Something no client may hear.
    pub fn trouble(&self, what: &str) {
        self.troubles.fetch_add(1, Ordering::Relaxed);
        let mut samples = self.samples.lock().unwrap();
        if samples.len() < SAMPLES {
            samples.push(what.to_owned());
        }
    }

    pub fn troubles(&self) -> (u64, Vec<String>) {
        (self.troubles.load(Ordering::Relaxed), self.samples.lock().unwrap().clone())
    }

    pub fn bookings(&self) -> HashMap<String, Word> {
        self.bookings.lock().unwrap().clone()
    }

    pub fn ends(&self) -> HashMap<String, String> {
        self.ends.lock().unwrap().clone()
    }
}

impl Word {
    fn of(answer: &Answer) -> Option<Self> {
        let data = answer.body.get("data")?;
        let moment = |name: &str| data[name].as_str()?.parse().ok();
        let units = data["items"].as_array().into_iter().flatten().filter_map(|item| item["unit_id"].as_str());
        Some(Self {
            version: version(answer)?,
            status: data["status"].as_str()?.into(),
            start_at: moment("start_at")?,
            end_at: moment("end_at")?,
            units: units.map(str::to_owned).collect(),
        })
    }
}

fn version(answer: &Answer) -> Option<i32> {
    let tag = answer.header("etag").map(|tag| tag.trim_matches(|c: char| !c.is_ascii_digit()).to_owned());
    let shown = answer.body["data"].get("version").and_then(Value::as_i64);
    tag.and_then(|tag| tag.parse().ok()).or_else(|| shown.and_then(|shown| i32::try_from(shown).ok()))
}
