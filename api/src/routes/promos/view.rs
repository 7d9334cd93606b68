//! A promotion and its uses as they are shown.

use crate::{envelope::Reply, routes::shared::MoneyView};
use chrono::{DateTime, Utc};
use domain::promotions;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// Something an organization gives away.
#[derive(Debug, Serialize, ToSchema)]
pub struct Promo {
    /// Its id.
    id: Uuid,
    /// What people type.
    #[schema(example = "BIENVENUE")]
    code: String,
    /// `percent_off`, `amount_off` or `credit`.
    #[schema(example = "percent_off")]
    effect: &'static str,
    /// Per cent, or minor units of its currency.
    #[schema(example = 20)]
    value: i64,
    /// Of an amount; none for a percentage.
    #[schema(example = "XOF")]
    currency: Option<String>,
    /// How often in all; without end when absent.
    max_uses: Option<i32>,
    /// How often by one person.
    per_user_limit: i32,
    /// From when.
    starts_at: DateTime<Utc>,
    /// Until before when, if it ends.
    ends_at: Option<DateTime<Utc>>,
    /// `active` or `inactive`.
    #[schema(example = "active")]
    status: &'static str,
    /// What became of it.
    statistics: Statistics,
    /// The number in its `ETag`.
    version: i32,
    /// When it was made.
    created_at: DateTime<Utc>,
}

/// How often a promotion was used.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromoStatistics)]
pub struct Statistics {
    /// Times it is in the books.
    used: i64,
    /// Times it is promised to a booking that is not paid.
    reserved: i64,
    /// By how many people.
    people: i64,
    /// What it cost, in minor units.
    amount: i64,
}

/// One use of a promotion.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PromoRedemption)]
pub struct Redemption {
    /// Its id.
    id: Uuid,
    /// Of which.
    promo_id: Uuid,
    /// Under which code.
    code: String,
    /// By whom.
    user_id: Uuid,
    /// For which booking, if it took something off.
    booking_id: Option<Uuid>,
    /// What it gave.
    amount: MoneyView,
    /// `reserved` until the booking is paid, `used`, or `released` when the booking ended unpaid.
    #[schema(example = "used")]
    status: String,
    /// When.
    created_at: DateTime<Utc>,
}

impl From<promotions::Promo> for Promo {
    fn from(promo: promotions::Promo) -> Self {
        let promotions::Statistics { used, reserved, people, amount } = promo.statistics;
        Self {
            id: promo.id.into(),
            code: promo.code,
            effect: promo.effect.code(),
            value: promo.value,
            currency: promo.currency,
            max_uses: promo.max_uses,
            per_user_limit: promo.per_user_limit,
            starts_at: promo.starts_at,
            ends_at: promo.ends_at,
            status: promo.status.code(),
            statistics: Statistics { used, reserved, people, amount },
            version: promo.version,
            created_at: promo.created_at,
        }
    }
}

impl From<promotions::Redemption> for Redemption {
    fn from(used: promotions::Redemption) -> Self {
        Self {
            id: used.id.into(),
            promo_id: used.promo.into(),
            code: used.code,
            user_id: used.user.into(),
            booking_id: used.booking.map(Into::into),
            amount: used.amount.into(),
            status: used.status,
            created_at: used.created_at,
        }
    }
}

/// One promotion with its version.
pub fn shown(promo: promotions::Promo) -> Reply {
    let version = promo.version;
    Reply::ok(Promo::from(promo)).version(version)
}
