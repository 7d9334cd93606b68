//! Bringing somebody along (M7–M9): both get a bonus, once, when the newcomer names the code of who brought them.

use crate::{
    audit::Change,
    db::Tx,
    error::{Fault, RefuseOn, Result},
    ids::*,
    ledger::postings,
    money::Money,
    organizations,
    paging::{Listed, Page},
    refusals::Refusal,
    wallet,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use uuid::Uuid;

/// How long after joining somebody is new.
const NEW_FOR: TimeDelta = TimeDelta::days(30);

/// Somebody was brought along.
#[derive(Debug, Clone, Serialize)]
pub struct Referral {
    /// Its id.
    pub id: ReferralId,
    /// Who brought them.
    pub referrer: UserId,
    /// Who came.
    pub referee: UserId,
    /// What who brought them got.
    pub bonus_referrer: Money,
    /// What who came got.
    pub bonus_referee: Money,
    /// `rewarded`.
    pub status: String,
    /// When.
    pub created_at: DateTime<Utc>,
}

/// The code by which a person brings others.
///
/// # Errors
/// [`Refusal::NotFound`] when they are no member.
pub async fn my_code(tx: &mut Tx, user: UserId) -> Result<String> {
    let org = tx.org()?;
    let code =
        sqlx::query_scalar!("select referral_code from memberships where org_id = $1 and user_id = $2", org.0, user.0)
            .fetch_optional(tx.conn())
            .await?;
    Ok(code.ok_or(Refusal::NotFound)?)
}

/// A newcomer names who brought them: both have their bonus in the wallet, in this commit and never again.
///
/// # Errors
/// [`Refusal::NotFound`] for an unknown code, [`Refusal::AlreadyRedeemed`], [`Refusal::Conflict`] when the organization gives
/// nothing for it, when it is their own code, when they are not new, or when they brought the other one themselves.
pub async fn refer(tx: &mut Tx, referee: UserId, code: &str) -> Result<Referral> {
    let (org, now) = (tx.org()?, tx.now());
    let code = code.trim().to_uppercase();
    let referrer = sqlx::query_scalar!(
        r#"select user_id as "user: UserId" from memberships
           where org_id = $1 and referral_code = $2 and status = 'active'"#,
        org.0,
        code
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Refusal::NotFound)?;
    let conflict = |reason| Err(Refusal::Conflict { reason }.into());
    let organization = organizations::load(tx).await?;
    let bonus = organization.settings.referral;
    if bonus.referrer + bonus.referee == 0 {
        return conflict("referrals_disabled");
    }
    if referrer == referee {
        return conflict("own_code");
    }
    let joined =
        sqlx::query_scalar!("select created_at from memberships where org_id = $1 and user_id = $2", org.0, referee.0)
            .fetch_one(tx.conn())
            .await?;
    if joined + NEW_FOR <= now {
        return conflict("not_new");
    }
    let money = |amount| Money { amount, currency: organization.currency };
    let referral = Referral {
        id: ReferralId::new(),
        referrer,
        referee,
        bonus_referrer: money(bonus.referrer),
        bonus_referee: money(bonus.referee),
        status: "rewarded".into(),
        created_at: now,
    };
    insert(tx, &referral).await?;
    postings::referral_rewarded(tx, &referral).await?;
    for (user, bonus) in [(referrer, referral.bonus_referrer), (referee, referral.bonus_referee)] {
        if bonus.amount > 0 {
            wallet::tell_credited(tx, user, bonus, ("referral", referral.id.into())).await?;
        }
    }
    Ok(referral)
}

async fn insert(tx: &mut Tx, referral: &Referral) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!(
        "insert into referrals (org_id, id, referrer_user_id, referee_user_id, bonus_referrer, bonus_referee, currency,
                                created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
        org.0,
        referral.id.0,
        referral.referrer.0,
        referral.referee.0,
        referral.bonus_referrer.amount,
        referral.bonus_referee.amount,
        referral.bonus_referrer.currency.code(),
        referral.created_at
    )
    .execute(tx.conn())
    .await
    .refuse_on("referrals_once", Refusal::AlreadyRedeemed { limit: 1 })
    .refuse_on("referrals_one_way", Refusal::Conflict { reason: "brought_by_you" })?;
    tx.record(Change::created("referral", referral.id, referral));
    Ok(())
}

/// Which referrals to read.
#[derive(Debug, Clone, Default)]
pub struct ReferralFilter {
    /// Of whom this person brought, or by whom they were brought; everybody's when `None`.
    pub user: Option<UserId>,
}

/// Referrals, newest first.
///
/// # Errors
/// A fault when the database fails.
pub async fn referrals(tx: &mut Tx, filter: &ReferralFilter, page: Page) -> Result<Listed<Referral>> {
    let org = tx.org()?;
    let rows = sqlx::query!(
        r#"select id as "id: ReferralId", referrer_user_id as "referrer: UserId", referee_user_id as "referee: UserId",
                  bonus_referrer, bonus_referee, currency, status, created_at, count(*) over () as "total!"
           from referrals
           where org_id = $1 and ($2::uuid is null or referrer_user_id = $2 or referee_user_id = $2)
           order by created_at desc, id limit $3 offset $4"#,
        org.0,
        filter.user.map(Uuid::from),
        page.limit,
        page.offset
    )
    .fetch_all(tx.conn())
    .await?;
    let total = rows.first().map_or(0, |row| row.total);
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let currency = row.currency.parse().map_err(|e| Fault::corrupt("referrals.currency", e))?;
        items.push(Referral {
            id: row.id,
            referrer: row.referrer,
            referee: row.referee,
            bonus_referrer: Money { amount: row.bonus_referrer, currency },
            bonus_referee: Money { amount: row.bonus_referee, currency },
            status: row.status,
            created_at: row.created_at,
        });
    }
    Ok(Listed { items, total })
}
