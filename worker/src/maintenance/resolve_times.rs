//! Lets bookings follow the clocks of their place when this program knows newer zone data (SN45): one organization after
//! the other, some bookings a commit. A run that dies half way starts over, and finds those done where they should be.

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{bookings, error::Result, localtime::ZONE_DATA};

/// Resolves every booking to come again, once for each edition of the zone data.
///
/// # Errors
/// A fault when the database fails.
pub async fn run(env: &Env, errand: &Errand) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    let Some(organizations) = bookings::begin_zone_update(&mut tx).await? else {
        return errand.finish(tx).await;
    };
    tx.commit().await?;

    let mut sum = bookings::Resolved::default();
    for org in organizations {
        let mut after = None;
        loop {
            let mut tx = env.begin_in(errand, org).await?;
            let (found, more) = bookings::resolve_times(&mut tx, after).await?;
            tx.commit().await?;
            sum.looked_at += found.looked_at;
            sum.moved += found.moved;
            sum.kept += found.kept;
            if more.is_none() {
                break;
            }
            after = more;
        }
    }

    let mut tx = env.begin(errand).await?;
    bookings::finish_zone_update(&mut tx, sum).await?;
    let outcome = errand.finish(tx).await?;
    tracing::info!(version = ZONE_DATA, ?sum, "bookings follow their clocks");
    Ok(outcome)
}
