//! What happens whenever a booking lets go of its units: nobody may pay for it any more, and whoever waits is served.

use super::{Booking, items};
use crate::{
    db::Tx,
    error::Result,
    inventory::{Kind, units},
    payments, waitlist,
};

/// Ends the claims and closes an open checkout. Freed units are seen by the next request at once.
pub(super) async fn free_units(tx: &mut Tx, booking: &Booking) -> Result<()> {
    let_go(tx, booking).await?;
    payments::close_open(tx, "booking", booking.id.into()).await
}

/// Ends the claims alone, where nothing is left to pay.
pub(super) async fn let_go(tx: &mut Tx, booking: &Booking) -> Result<()> {
    units::release(tx, booking.id.into()).await?;
    serve_the_line(tx, booking).await
}

/// Lets the waitlist look at what was freed. Nobody waits in line for a ride.
pub(super) async fn serve_the_line(tx: &mut Tx, booking: &Booking) -> Result<()> {
    if booking.kind == Kind::Trip {
        return Ok(());
    }
    let freed = items::resources_of(tx, booking.id).await?;
    waitlist::units_freed(tx, &freed).await
}
