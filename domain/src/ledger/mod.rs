//! The books: double entry, append-only (★4, CX20). The only writer of money rows. Debit is positive (we hold or
//! spend), credit negative (we owe or earn); every transaction sums to zero per currency, and the database refuses
//! one that does not.

mod accounts;
mod close;
mod explain;
mod extract;
mod post;
pub mod postings;
mod reads;
mod reverse;
mod statement;
mod trial_balance;

pub use accounts::{AccountFilter, AccountState, account, accounts};
pub use close::{Closing, close, closings};
pub use explain::{EventSeen, Evidence, Explanation, Part, Step, explain};
pub use extract::{Extracted, Sum, extract, sums};
pub(crate) use post::post_all;
pub use post::{Account, Kind, Line, NewTransaction, post};
pub use reads::{Balance, balances_of};
pub(crate) use reads::{put_aside, written_among};
pub use reverse::{Reversal, reverse};
pub use statement::{Movement, MovementFilter, movements};
pub use trial_balance::{Moved, Period, Sorted, trial_balance};
