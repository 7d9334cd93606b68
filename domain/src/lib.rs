//! The rules: types, operations and SQL, together. An operation takes `&mut Tx` and may read, write, record and
//! enqueue, nothing else: it does not commit, dial out, read the clock or the environment, or spawn
//! (docs/ARCHITECTURE.md §5).

pub mod audit;
pub mod bookings;
pub mod broadcasts;
pub mod calendars;
pub mod db;
pub mod error;
pub mod fines;
pub mod idempotency;
pub mod identity;
pub mod ids;
pub mod invariants;
pub mod inventory;
pub mod jobs;
pub mod keys;
pub mod kyc;
pub mod ledger;
pub mod localtime;
pub mod money;
pub mod notifications;
pub mod operations;
pub mod ops;
pub mod organizations;
pub mod paging;
pub mod payments;
pub mod payouts;
pub mod permissions;
pub mod policies;
pub mod privacy;
pub mod promotions;
pub mod reconciliation;
pub mod refunds;
pub mod refusals;
pub mod reports;
pub mod series;
pub mod tickets;
pub mod trips;
pub mod waitlist;
pub mod wallet;

/// Every migration, applied in order by `teranga-api migrate` and by the test harness.
pub static MIGRATOR: sqlx::migrate::Migrator = sqlx::migrate!("../migrations");
