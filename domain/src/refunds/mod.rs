//! Money goes back to the payer, whole or in part (J13, J14, A8). A refund is a payment of its own: ordered in the commit that decides
//! it, sent by a carrier, confirmed or failed in the books; one that fails after it succeeded is taken back in them.

mod order;
mod reversed;
mod send;
mod to_wallet;

pub(crate) use order::{of_booking, of_second_checkout, of_stray_payment};
pub(crate) use reversed::reversed;
pub(crate) use send::order_of;
pub use send::{RefundSend, load_refund, record_refund, sent_by_hand};
