//! What an organization gives away: money off a booking, credit for a code, a bonus for bringing somebody along (M1–M10,
//! CX38). The organization's `promo` account pays for all of it, so a driver earns the whole price of a discounted ride.

mod create;
mod discount;
mod queries;
mod redeem;
mod redemptions;
mod referrals;
mod update;

pub use create::{NewPromo, create};
pub(crate) use discount::{given_for, of_payment, promised_among, reserved_for};
pub use queries::{Effect, Filter, Promo, Statistics, Status, find, list};
pub use redeem::{Redeemable, redeem, validate};
pub use redemptions::{Redemption, RedemptionFilter, redemptions};
pub use referrals::{Referral, ReferralFilter, my_code, refer, referrals};
pub use update::{PromoPatch, update};
