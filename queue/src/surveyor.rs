//! The task that looks: it moves jobs into their lines when their time comes (promise 5), and surveys the lines for what
//! no notice told, or what a claim passed by. It tells the fetcher, and claims nothing itself.
//!
//! A survey walks over the dead rows at the head of each line, and of these there may be many while a transaction is
//! held open somewhere. So it has a connection of its own, and rests fifty times as long as it took.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::{ConnectOptions, PgConnection, postgres::PgConnectOptions};

use crate::{
    line::Line,
    room::Room,
    survey::{LINES, move_due, survey},
};

/// Between two surveys while jobs are being claimed.
const BUSY: Duration = Duration::from_millis(100);
/// Between two surveys that were asked for.
const ASKED: Duration = Duration::from_millis(5);
/// A survey may take one part in so many of the time.
const REST: u32 = 50;
/// Between two tries while the database is away.
const PAUSE: Duration = Duration::from_millis(200);
/// A statement that takes longer ran on a dead connection.
const PATIENCE: Duration = Duration::from_secs(25);

pub(crate) struct Surveyor {
    room: Arc<Room>,
    options: PgConnectOptions,
    poll: Duration,
    line: Option<PgConnection>,
    /// Where the last survey ended, when there were more lines than it names.
    after: Option<Line>,
    /// The next survey does not begin before this.
    not_before: Instant,
    surveyed: Instant,
    asked: bool,
    /// When the next job is due, as far as anybody knows.
    due: Instant,
}

impl Surveyor {
    pub(crate) fn new(room: Arc<Room>, options: PgConnectOptions, poll: Duration) -> Self {
        let now = Instant::now();
        Self { room, options, poll, line: None, after: None, not_before: now, surveyed: now, asked: true, due: now }
    }

    /// Looks until the room says stop. Survives the database.
    pub(crate) async fn look(mut self) {
        let stop = self.room.stop.clone();
        while !stop.is_cancelled() {
            let looked = tokio::time::timeout(PATIENCE, self.round()).await;
            if let Err(error) = looked.unwrap_or(Err(sqlx::Error::PoolTimedOut)) {
                tracing::warn!(%error, queue = self.room.queue, "the queue cannot be surveyed, will try again");
                self.line = None;
                let _ = tokio::time::timeout(PAUSE, stop.cancelled()).await;
                continue;
            }
            let until = self.due.min(self.next_survey());
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep_until(until.into()) => {}
                () = self.room.look.notified() => {
                    // Somebody posted for later, or asks for a survey; both are soon done.
                    self.due = Instant::now();
                }
            }
        }
    }

    async fn round(&mut self) -> Result<(), sqlx::Error> {
        if self.line.is_none() {
            self.line = Some(self.options.connect().await?);
        }
        if self.due <= Instant::now() {
            self.move_due().await?;
        }
        self.asked |= self.room.take_survey_asked();
        if self.next_survey() <= Instant::now() {
            self.survey().await?;
        }
        Ok(())
    }

    async fn move_due(&mut self) -> Result<(), sqlx::Error> {
        let conn = self.line.as_mut().expect("connected in this round");
        let due = move_due(conn, self.room.queue).await?;
        self.due = Instant::now() + due.next.map_or(self.poll, |next| next.min(self.poll));
        if !due.lines.is_empty() {
            let mut lines = self.room.lines();
            due.lines.into_iter().for_each(|line| lines.hear(line));
            drop(lines);
            self.room.wake.notify_one();
        }
        Ok(())
    }

    async fn survey(&mut self) -> Result<(), sqlx::Error> {
        let conn = self.line.as_mut().expect("connected in this round");
        let began = Instant::now();
        let found = survey(conn, self.room.queue, self.after.as_ref()).await?;
        self.room.set_busy(false);
        self.asked = false;
        self.surveyed = Instant::now();
        self.not_before = self.surveyed + (self.surveyed - began) * REST;
        self.after = found.last().filter(|_| found.len() == LINES).map(|(line, _)| line.clone());
        if !found.is_empty() {
            let mut lines = self.room.lines();
            found.into_iter().for_each(|(line, first)| lines.find(line, first));
            drop(lines);
            self.room.wake.notify_one();
        }
        Ok(())
    }

    fn next_survey(&self) -> Instant {
        let pace = match (self.asked, self.room.is_busy()) {
            (true, _) => ASKED,
            (false, true) => BUSY,
            (false, false) => self.poll,
        };
        (self.surveyed + pace.min(self.poll)).max(self.not_before)
    }
}
