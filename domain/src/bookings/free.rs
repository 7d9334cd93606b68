//! What happens whenever a booking lets go of its units: nobody may pay for it any more.

use super::Booking;
use crate::{db::Tx, error::Result, inventory::units, payments};

/// Ends the claims and closes an open checkout. Freed units are seen by the next request at once.
pub(super) async fn free_units(tx: &mut Tx, booking: &Booking) -> Result<()> {
    units::release(tx, booking.id.into()).await?;
    payments::close_open(tx, booking.id).await
}
