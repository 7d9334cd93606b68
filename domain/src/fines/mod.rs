//! Fines (SN7, L14, J21): what a late return or a no-show costs in money. A fine is due until it is paid through a
//! provider or waived by somebody who says why.

mod charge;
mod queries;
mod settle;
mod waive;
mod withhold;

pub use charge::Reason;
pub(crate) use charge::charge;
pub(crate) use queries::lock;
pub use queries::{Filter, Fine, Status, find, list};
pub(crate) use settle::{paid, tell_money_returned, tell_payment_failed};
pub use waive::waive;
pub(crate) use withhold::withhold;
