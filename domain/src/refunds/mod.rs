//! Money goes back to the payer, whole or in part (J13, J14, A8). A refund is a payment of its own: ordered in the commit that decides
//! it, sent by a carrier, confirmed or failed in the books; one that fails after it succeeded is taken back in them.

mod by_hand;
mod order;
mod reversed;
mod send;
mod to_wallet;

pub(crate) use by_hand::seen_sent;
pub use by_hand::sent_by_hand;
pub(crate) use order::{goes_to_wallet, of_booking, of_second_checkout, of_stray_payment};
pub(crate) use reversed::reversed;
pub(crate) use send::order_of;
pub use send::{RefundSend, load_refund, record_refund};
