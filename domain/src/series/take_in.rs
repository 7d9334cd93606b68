//! A date of a series that waited frees up: it joins the series by itself (★10). Whoever asked for every week has said
//! already that they want it; only where they may not have it any more is it left to them.

use crate::{
    bookings::Booking,
    db::Tx,
    error::{Error, Result},
    ids::QueueEntryId,
    waitlist,
};

/// Takes the open offer of a booking that is of a series. Answers whether it did.
pub(crate) async fn takes_in(tx: &mut Tx, booking: &Booking, entry: QueueEntryId) -> Result<bool> {
    let org = tx.org()?;
    let of_series = sqlx::query_scalar!(
        r#"select series_id is not null as "of_series!" from bookings where org_id = $1 and id = $2"#,
        org.0,
        booking.id.0
    )
    .fetch_one(tx.conn())
    .await?;
    if !of_series {
        return Ok(false);
    }
    let step = tx.step().await?;
    let taken = waitlist::accept(tx, booking.beneficiary, entry).await.map(|_| ());
    match tx.end_step(step, taken).await {
        Ok(()) => Ok(true),
        Err(Error::Refused(_)) => Ok(false),
        Err(fault) => Err(fault),
    }
}
