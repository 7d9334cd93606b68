//! Every connection of the product is cut by the server, at once, again and again.

use crate::{client::Hitch, luck::Luck, outages::under_outages, postgres::Outage, scene::Plan, stage::Stage};

/// Cuts all connections but those of the owner, who only looks; says when.
const CUT: &str = "select clock_timestamp() from (select count(pg_terminate_backend(pid)) from pg_stat_activity
                                                  where datname = current_database() and usename <> current_user) as cut";

pub async fn run(luck: Luck) -> bool {
    let plan = Plan { hitches: &[Hitch::Later], ..Plan::of("terminate_backends") };
    under_outages(plan, luck, cut).await
}

async fn cut(stage: &Stage) -> Outage {
    Outage::moment(sqlx::query_scalar(CUT).fetch_one(&stage.eyes).await.unwrap())
}
