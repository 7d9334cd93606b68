//! The peers: other queues, installed by `dev/peers`, each run by the kit's own script with the kit's own settings.

use crate::wish::Wish;
use harness::database::admin_url;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use std::path::{Path, PathBuf};
use tokio::process::Command;

/// The yardstick: bare SQL, no queue. Printed beside ours; it is no rival.
pub const HAND: &str = "hand";
/// Tuned as the kit says. Its untuned profiles are slower everywhere and left out.
const PEERS: [&str; 6] = [HAND, "graphile", "apalis", "pgboss", "graphile-rs", "awa"];

const COUNTS: [&str; 5] = ["enq_n", "bulk_n", "drain_n", "e2e_n", "lat_s"];

/// What can be run.
pub struct Kit {
    place: PathBuf,
    pub peers: Vec<&'static str>,
}

impl Kit {
    /// The installed kit (`kit=<place>`), less what `peers=` leaves out.
    pub fn of(wish: &Wish) -> Self {
        let place = PathBuf::from(wish.text("kit").unwrap_or_default());
        let wanted = |peer: &&str| match wish.text("peers") {
            None => true,
            Some(names) => names.split([' ', ',']).any(|name| name == *peer),
        };
        let has = |peer: &&str| match *peer {
            "graphile" | "pgboss" => place.join(".cache/node/node_modules").is_dir(),
            _ => place.join(".cache/target/release/peers").is_file(),
        };
        let peers = PEERS.into_iter().filter(wanted).filter(has).collect();
        Self { place, peers }
    }

    /// Their names.
    pub fn said(&self) -> String {
        if self.peers.is_empty() { "none".into() } else { self.peers.join(", ") }
    }

    /// Leaves nothing behind that autovacuum could find while something else is measured.
    pub async fn clear(&self) {
        let mut conn = PgConnection::connect(&admin_url()).await.unwrap();
        for peer in &self.peers {
            let sql = format!("drop database if exists peers_{} with (force)", peer.replace('-', "_"));
            sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut conn).await.unwrap();
        }
    }

    /// Gives every peer a new database with its own tables. One that cannot be set up is left out from here on.
    pub async fn set_up(&mut self) {
        for peer in std::mem::take(&mut self.peers) {
            match self.script(["fresh_db", peer]).status().await {
                Ok(status) if status.success() => self.peers.push(peer),
                problem => eprintln!("  {peer} is skipped, it cannot set itself up: {problem:?}"),
            }
        }
    }

    /// One figure of one peer, with the counts asked for: `drain_n=` is `DRAIN_N` there.
    pub fn figure(&self, peer: &str, command: &str, wish: &Wish) -> Command {
        let mut program = self.script(["peer", peer, command]);
        for name in COUNTS {
            program.envs(wish.text(name).map(|count| (name.to_uppercase(), count)));
        }
        program
    }

    /// A function of the kit's script.
    fn script<const N: usize>(&self, words: [&str; N]) -> Command {
        let mut bash = Command::new("bash");
        bash.args(["-c", ". \"$0\"; \"$@\""]).arg(Path::new(&self.place).join("lib.sh")).args(words);
        bash.env("SERVER", admin_url());
        bash
    }
}
