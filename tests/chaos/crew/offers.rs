//! What a member that lost its lease says about jobs that are another's by now, and whether it counts.

use crate::{figures::Figures, post_room::ended_twice_or_by};
use sqlx::PgPool;
use uuid::Uuid;

/// Traces: which member began a long chore, said that it was done, or had its effect committed.
pub const TRACES: &str = "
create schema if not exists chaos;
create table chaos.traces (job uuid, member text, what text);
create table chaos.let_go (since timestamptz default now());
grant usage on schema chaos to teranga_app;
grant select, insert on chaos.traces to teranga_app;
grant select on chaos.let_go to teranga_app;";

/// What the traces and the history say of one member.
pub struct Offers {
    /// Long chores it said were done: acknowledged, or offered with their effect.
    offered: i64,
    /// What changed anything: a committed effect, an end in its name, a second end.
    accepted: i64,
}

impl Offers {
    /// Of a member that stood still; `held` are the jobs that were taken from it and from others beside it.
    pub async fn of(eyes: &PgPool, member: &str, held: &[Uuid]) -> Self {
        let traced = async |what: &str| -> i64 {
            let sql = "select count(distinct job) from chaos.traces where member = $1 and what = $2";
            sqlx::query_scalar(sql).bind(member).bind(what).fetch_one(eyes).await.unwrap()
        };
        let ended = ended_twice_or_by(eyes, held, member).await;
        Self { offered: traced("done").await, accepted: traced("effect").await + ended }
    }

    /// As figures; without any offer nothing was shown.
    pub fn tell(&self, figures: &mut Figures) {
        figures.at_least("stale_offered", self.offered as f64, 1.0);
        figures.zero("stale_accepted", self.accepted);
    }
}
