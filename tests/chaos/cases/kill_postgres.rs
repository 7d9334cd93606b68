//! The database is stopped at once, without a checkpoint, and started again. Nothing exits, everything goes on.

use crate::{client::Hitch, luck::Luck, outages::under_outages, postgres, scene::Plan};

pub async fn run(luck: Luck) -> bool {
    if let Some(why) = postgres::untouchable().await {
        println!("chaos kill_postgres skipped: {why}");
        return true;
    }
    let plan = Plan { hitches: &[Hitch::Later], ..Plan::of("kill_postgres") };
    under_outages(plan, luck, async |_| postgres::crash().await).await
}
