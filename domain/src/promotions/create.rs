//! A promotion is made (M3, M6).

use super::{Effect, Promo, Statistics, Status, find, queries::written};
use crate::{
    audit::Change,
    db::Tx,
    error::{RefuseOn, Result},
    ids::PromoId,
    money::{Currency, LARGEST_AMOUNT},
    organizations,
    refusals::Refusal,
};
use chrono::{DateTime, Utc};

/// What a promotion is to be.
#[derive(Debug, Clone)]
pub struct NewPromo {
    /// What people type: 3 to 40 letters of the alphabet, digits, `-` and `_`.
    pub code: String,
    /// What it does.
    pub effect: Effect,
    /// Per cent, or minor units.
    pub value: i64,
    /// Of a credit; the organization's when `None`.
    pub currency: Option<Currency>,
    /// How often in all; without end when `None`.
    pub max_uses: Option<i32>,
    /// How often by one person.
    pub per_user_limit: i32,
    /// From when; now when `None`.
    pub starts_at: Option<DateTime<Utc>>,
    /// Until before when.
    pub ends_at: Option<DateTime<Utc>>,
}

/// Makes a promotion; it is offered at once.
///
/// # Errors
/// [`Refusal::Invalid`] naming the field, [`Refusal::Conflict`] when the code is taken.
pub async fn create(tx: &mut Tx, new: NewPromo) -> Result<Promo> {
    let own = organizations::load(tx).await?.currency;
    let currency = match new.effect {
        Effect::PercentOff => None,
        Effect::AmountOff => Some(own),
        Effect::Credit => Some(new.currency.unwrap_or(own)),
    };
    if new.currency.is_some() && new.currency != currency {
        return Err(Refusal::invalid("currency", "is the organization's own, unless tickets are credited").into());
    }
    let promo = Promo {
        id: PromoId::new(),
        code: written(&new.code),
        effect: new.effect,
        value: new.value,
        currency: currency.map(|currency| currency.code().to_owned()),
        max_uses: new.max_uses,
        per_user_limit: new.per_user_limit,
        starts_at: new.starts_at.unwrap_or(tx.now()),
        ends_at: new.ends_at,
        status: Status::Active,
        version: 1,
        created_at: tx.now(),
        statistics: Statistics::default(),
    };
    check(&promo)?;
    let org = tx.org()?;
    sqlx::query!(
        "insert into promos (org_id, id, code, effect, value, currency, max_uses, per_user_limit, starts_at, ends_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        org.0,
        promo.id.0,
        promo.code,
        promo.effect.code(),
        promo.value,
        promo.currency,
        promo.max_uses,
        promo.per_user_limit,
        promo.starts_at,
        promo.ends_at
    )
    .execute(tx.conn())
    .await
    .refuse_on("promos_code_key", Refusal::Conflict { reason: "another promotion has this code" })?;
    let promo = find(tx, promo.id).await?;
    tx.record(Change::created("promo", promo.id, &promo));
    Ok(promo)
}

/// Every bound, before anything is stored.
pub(super) fn check(promo: &Promo) -> Result<()> {
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-' || c == '_';
    if !(3..=40).contains(&promo.code.len()) || !promo.code.chars().all(plain) || promo.code.starts_with(['-', '_']) {
        return Err(Refusal::invalid("code", "must have 3 to 40 letters, digits, - and _").into());
    }
    let most = if promo.effect == Effect::PercentOff { 100 } else { LARGEST_AMOUNT };
    if !(1..=most).contains(&promo.value) {
        return Err(Refusal::invalid("value", format!("must be between 1 and {most}")).into());
    }
    if promo.max_uses.is_some_and(|most| most < 1) {
        return Err(Refusal::invalid("max_uses", "must be at least 1").into());
    }
    if promo.per_user_limit < 1 {
        return Err(Refusal::invalid("per_user_limit", "must be at least 1").into());
    }
    if promo.ends_at.is_some_and(|ends_at| ends_at <= promo.starts_at) {
        return Err(Refusal::invalid("ends_at", "must be after starts_at").into());
    }
    Ok(())
}
