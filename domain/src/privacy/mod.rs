//! What people may ask about themselves (W4, SN26): a copy of everything held about them, and to be forgotten. Both are
//! operations, because they look into every organization the person belongs to, one transaction each. What is held is
//! written down once, in `holdings.rs`, and compared with the database's own catalogue by `tests/tidy`.

mod blockers;
mod erase;
mod erase_here;
mod export;
mod fetch;
mod gather;
mod holdings;

pub use blockers::{Blocker, blockers};
pub use erase::{Erasing, ask_erasure, finish_erasure, load_erasure, note_unfinished};
pub use erase_here::erase_here;
pub use export::{Copying, ask_export, load_export, record_export};
pub use fetch::fetch_export;
pub use gather::{gather_here, gather_person};
pub use holdings::{Export, HOLDINGS, Holding};

/// What a copy is sealed for.
const SEAL: &str = "person export";
