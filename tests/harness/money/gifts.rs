//! Codes and corrections: money off a booking, credit and tickets, by codes that few may use and by hand.

use super::{Booked, Field};
use crate::luck::Luck;
use domain::{
    error::Result,
    money::Currency,
    promotions::{self, Effect, NewPromo},
    wallet::{self, NewAdjustment},
};
use uuid::Uuid;

/// A code people have heard of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Heard {
    code: Uuid,
    effect: Effect,
}

impl Heard {
    fn code(self) -> String {
        format!("GIFT-{}", self.code.simple())
    }
}

impl Field {
    /// Somebody uses a code, or the house thinks of a new one.
    pub(super) async fn use_code(&self, luck: &mut Luck) -> (&'static str, Result<()>) {
        match Self::one_of(&self.codes, 5, luck) {
            Some(heard) if !luck.percent(4) => match heard.effect {
                Effect::Credit => ("promo_credit", self.redeem(heard, luck).await),
                _ => ("promo_off", self.redeem(heard, luck).await),
            },
            _ => ("promo", self.think_of_one(luck).await),
        }
    }

    async fn think_of_one(&self, luck: &mut Luck) -> Result<()> {
        let some = |luck: &mut Luck, most: u64| 1 + i32::try_from(luck.below(most)).unwrap_or_default();
        let (effect, value, currency) = match luck.below(4) {
            0 => (Effect::PercentOff, some(luck, 100).into(), None), // a whole price now and then
            1 => (Effect::AmountOff, 5 * i64::from(some(luck, 400)), None),
            2 => (Effect::Credit, 5 * i64::from(some(luck, 200)), None),
            _ => (Effect::Credit, some(luck, 10).into(), Some(Currency::Tkt)),
        };
        let heard = Heard { code: Uuid::new_v4(), effect };
        let new = NewPromo {
            code: heard.code(),
            effect,
            value,
            currency,
            max_uses: luck.percent(80).then(|| some(luck, 40)),
            per_user_limit: some(luck, 2),
            starts_at: None,
            ends_at: None,
        };
        let mut tx = self.begin().await?;
        promotions::create(&mut tx, new).await?;
        tx.commit().await?;
        Self::remember(&self.codes, heard);
        Ok(())
    }

    async fn redeem(&self, heard: Heard, luck: &mut Luck) -> Result<()> {
        let (user, booking) = match heard.effect {
            Effect::Credit => (self.rider(luck), None),
            _ => match Self::one_of(&self.booked, 20, luck) {
                Some(Booked { id, rider }) => (rider, Some(id)),
                None => return Ok(()),
            },
        };
        let mut tx = self.begin().await?;
        promotions::redeem(&mut tx, user, &heard.code(), booking).await?;
        tx.commit().await
    }

    /// A balance is corrected, now and then by more than one person may, and not always agreed to.
    pub(super) async fn correct(&self, luck: &mut Luck) -> Result<()> {
        let currency = if luck.percent(50) { Currency::Tkt } else { Currency::Xof };
        let delta = 5 * (1 + i64::try_from(luck.below(60)).unwrap_or_default());
        let delta = if luck.percent(50) { delta } else { -delta };
        let new = NewAdjustment { user: self.rider(luck), currency, delta, reason: "The machine swallowed it".into() };
        let mut tx = self.begin().await?;
        let asked = wallet::adjust(&mut tx, self.staff, new).await?;
        if asked.needs_second {
            wallet::decide(&mut tx, self.second, asked.id, luck.percent(70)).await?;
        }
        tx.commit().await
    }
}
