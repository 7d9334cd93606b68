//! Which jobs are asked for, where a page goes on, and what a list says of each.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

/// Where a job stands, or how a run of it ended. Each is a list of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Due, and not started.
    Waiting,
    /// Waits for a later time.
    Scheduled,
    /// Runs.
    Running,
    /// Given up: it waits for a person.
    Dead,
    /// Every run that ended, however.
    Finished,
    /// Runs that went wrong: retried, dead or lost.
    Failed,
    /// Runs that failed and were tried again.
    Retried,
    /// Runs whose worker died.
    Lost,
    /// Jobs an operator took away.
    Cancelled,
}

impl State {
    /// Every one.
    pub const ALL: [Self; 9] = [
        Self::Waiting,
        Self::Scheduled,
        Self::Running,
        Self::Dead,
        Self::Finished,
        Self::Failed,
        Self::Retried,
        Self::Lost,
        Self::Cancelled,
    ];

    /// As it is asked for.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Scheduled => "scheduled",
            Self::Running => "running",
            Self::Dead => "dead",
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Retried => "retried",
            Self::Lost => "lost",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether the list knows when each was posted. The history does not keep it.
    #[must_use]
    pub fn knows_posting(self) -> bool {
        matches!(self, Self::Waiting | Self::Scheduled | Self::Running | Self::Dead)
    }

    /// Whether the list knows when each ended.
    #[must_use]
    pub fn knows_end(self) -> bool {
        !matches!(self, Self::Waiting | Self::Scheduled | Self::Running)
    }
}

impl FromStr for State {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|state| state.name() == name).ok_or(())
    }
}

/// Which jobs; everything that is named must hold. Spans take in their beginning and leave out their end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this queue.
    pub queue: Option<String>,
    /// Of this kind.
    pub kind: Option<String>,
    /// Of this organization.
    pub org_id: Option<Uuid>,
    /// Posted at this time or later; only where [`State::knows_posting`].
    pub created_after: Option<DateTime<Utc>>,
    /// Posted before this time; only where [`State::knows_posting`].
    pub created_before: Option<DateTime<Utc>>,
    /// Ended at this time or later; only where [`State::knows_end`].
    pub ended_after: Option<DateTime<Utc>>,
    /// Ended before this time; only where [`State::knows_end`].
    pub ended_before: Option<DateTime<Utc>>,
    /// Whose error holds this text, in whatever case.
    pub error: Option<String>,
}

/// The place of a job in a list. Opaque to who is given one: written as text and read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    pub(super) at: DateTime<Utc>,
    pub(super) id: Uuid,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}{}", self.at.timestamp_micros(), self.id.simple())
    }
}

impl FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let plain = text.len() == 48 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        let (micros, id) = text.split_at_checked(16).filter(|_| plain).ok_or(())?;
        let micros = i64::from_str_radix(micros, 16).map_err(drop)?;
        // far beyond what a timestamp of the database holds is nobody's place
        let at = DateTime::from_timestamp_micros(micros).filter(|at| at.timestamp() < 253_402_300_800).ok_or(())?;
        Ok(Self { at, id: id.parse().map_err(drop)? })
    }
}

/// A job in a list, without its payload.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct JobRow {
    /// The job's id. In the history one job has a row for each run.
    pub id: Uuid,
    /// Its queue.
    pub queue: String,
    /// Its kind.
    pub kind: String,
    /// The organization it works for; none for the house itself.
    pub org_id: Option<Uuid>,
    /// waiting, scheduled, running, dead, or how the run ended: done, again, retried, dead, lost, cancelled.
    pub state: String,
    /// What the list is ordered by: when it was due, started, died or ended.
    pub at: DateTime<Utc>,
    /// When it was posted, where that is known.
    pub created_at: Option<DateTime<Utc>>,
    /// When the run started.
    pub started_at: Option<DateTime<Utc>>,
    /// How long the run took.
    pub duration_ms: Option<i32>,
    /// Attempts charged so far.
    pub attempt: i32,
    /// Who ran it, or took it away.
    pub worker: Option<String>,
    /// What went wrong last.
    pub error: Option<String>,
    /// W3C `traceparent` of the request that posted it.
    pub trace: Option<String>,
}

/// A page of a list, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The jobs; fewer than asked for at the end, and where much had to be looked at.
    pub jobs: Vec<JobRow>,
    /// Where the next page begins; `None` at the end.
    pub next: Option<Cursor>,
}

/// How many there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// So many were counted.
    pub count: i64,
    /// Whether that is all of them, or only what was met until the count stopped.
    pub exact: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written_and_nothing_else_is() {
        let cursor =
            Cursor { at: DateTime::from_timestamp_micros(1_790_000_000_123_456).unwrap(), id: Uuid::from_u128(7) };
        let text = cursor.to_string();
        assert_eq!(text.parse(), Ok(cursor));
        for wrong in ["", "x", &text[1..], &format!("{text}0"), &text.replace('7', "G"), &"f".repeat(48), "7é"] {
            assert_eq!(wrong.parse::<Cursor>(), Err(()), "{wrong}");
        }
    }

    #[test]
    fn a_state_is_known_by_its_name() {
        for state in State::ALL {
            assert_eq!(state.name().parse(), Ok(state));
        }
        assert_eq!("done".parse::<State>(), Err(()));
    }
}
