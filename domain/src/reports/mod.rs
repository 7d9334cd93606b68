//! Figures about a whole organization, counted when they are asked for (Z10, Z11), and what people take with them as a file:
//! statements of wallets and payouts, the lines of the books, finance reports (K7, K13, V5).

mod ask;
mod asked;
mod fetch;
mod forget;
mod read;
mod usage;
mod write;

pub use ask::ask;
pub use asked::{Asking, Format, Subject};
pub use fetch::{File, find_file, piece};
pub use forget::forget;
pub use read::{Line, Place, read};
pub use usage::{By, Usage, usage};
pub use write::{Report, Written, begin, finish, keep};

use crate::ids::ReportId;

/// A piece opens only as itself: another's bytes, or those of another place, are worthless.
fn purpose(id: ReportId, piece: i32) -> String {
    format!("report/{id}/{piece}")
}
