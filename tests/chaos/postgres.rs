//! The private server under this checkout: crashed and started again, as `dev/postgres` does it.

use chrono::{DateTime, Utc};
use harness::database::admin_url;
use sqlx::{Connection, PgConnection};
use std::{path::PathBuf, process::Output, time::Duration};
use tokio::process::Command;

/// Between two looks whether it answers.
const LOOK: Duration = Duration::from_millis(20);

/// From when to when no connection was good, by the server's clock.
#[derive(Debug, Clone, Copy)]
pub struct Outage {
    pub down: DateTime<Utc>,
    pub up: DateTime<Utc>,
}

impl Outage {
    /// Over as soon as it happened.
    pub fn moment(at: DateTime<Utc>) -> Self {
        Self { down: at, up: at }
    }
}

/// Why the server must be left alone, if so.
pub async fn untouchable() -> Option<String> {
    let answer = script("crashable").await;
    (!answer.status.success()).then(|| String::from_utf8_lossy(&answer.stderr).trim().to_owned())
}

/// Ends the server as a power cut would, starts it again, and answers when it was away.
pub async fn crash() -> Outage {
    let (mut watcher, mut down) = answering().await;
    let watched = async {
        while let Ok(still) = now(&mut watcher).await {
            down = still;
            tokio::time::sleep(LOOK).await;
        }
        Outage { down, up: answering().await.1 }
    };
    let (answer, outage) = futures::join!(script("crash"), watched);
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    outage
}

/// A connection, and when it was good: a server that is just starting is waited for.
async fn answering() -> (PgConnection, DateTime<Utc>) {
    loop {
        if let Ok(mut conn) = PgConnection::connect(&admin_url()).await
            && let Ok(at) = now(&mut conn).await
        {
            return (conn, at);
        }
        tokio::time::sleep(LOOK).await;
    }
}

async fn now(conn: &mut PgConnection) -> sqlx::Result<DateTime<Utc>> {
    sqlx::query_scalar("select clock_timestamp()").fetch_one(conn).await
}

async fn script(command: &str) -> Output {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).parent().expect("the house").to_owned();
    Command::new(root.join("dev/postgres")).arg(command).output().await.expect("dev/postgres runs")
}
