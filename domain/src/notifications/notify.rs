//! Writing a notification and posting its deliveries, in the commit of the change it is about.

use super::wording::{self, Locale, NoticeKind};
use crate::{db::Tx, error::Result, ids::*, jobs::Notifications};
use serde_json::Value;
use uuid::Uuid;

/// Something one person should know.
#[derive(Debug, Clone)]
pub struct Notice {
    /// Who.
    pub user: UserId,
    /// What happened; says which fields `payload` needs.
    pub kind: NoticeKind,
    /// What kind of thing it is about, e.g. `booking`.
    pub subject_type: &'static str,
    /// What it is about.
    pub subject_id: Uuid,
    /// The facts the words are made of.
    pub payload: Value,
    /// The same key in the same organization is the same notice: it is told once.
    pub dedupe_key: String,
}

/// Tells a person, on every channel they can be reached on: each valid device by push, one e-mail address, one phone.
/// An address counts when it is verified, or the only one of its kind. What was told before is
/// not told again.
///
/// # Errors
/// A fault when the database fails.
pub async fn notify(tx: &mut Tx, notice: Notice) -> Result<()> {
    let Notice { user, kind, subject_type, subject_id, payload, dedupe_key } = notice;
    debug_assert!(
        wording::render(kind, Locale::French, &payload, chrono_tz::UTC).is_ok(),
        "{} lacks facts: {payload}",
        kind.code()
    );
    let (org, id, now) = (tx.org()?, NotificationId::new(), tx.now());
    let told = sqlx::query!(
        "insert into notifications (org_id, id, user_id, kind, subject_type, subject_id, payload, locale, dedupe_key,
                                    created_at)
         select $1, $2, u.id, $4, $5, $6, $7, u.locale, $8, $9 from users u where u.id = $3
         on conflict on constraint notifications_once do nothing",
        org.0,
        id.0,
        user.0,
        kind.code(),
        subject_type,
        subject_id,
        payload,
        dedupe_key,
        now
    )
    .execute(tx.conn())
    .await?
    .rows_affected()
        == 1;
    if !told {
        return Ok(());
    }
    post_deliveries(tx, id, user).await
}

async fn post_deliveries(tx: &mut Tx, id: NotificationId, user: UserId) -> Result<()> {
    let (org, now) = (tx.org()?, tx.now());
    let addresses = sqlx::query!(
        r#"select 'push' as "channel!", push_token as "address!" from devices where user_id = $1 and invalid_at is null
           union all
           select case kind when 'email' then 'email' else 'sms' end, value
           from (select kind, value, verified_at, count(*) over (partition by kind) as of_kind,
                        row_number() over (partition by kind order by verified_at nulls last, created_at, value) as rank
                 from identities where user_id = $1 and issuer = '' and kind in ('email', 'phone')) as reachable
           where rank = 1 and (verified_at is not null or of_kind = 1)"#,
        user.0
    )
    .fetch_all(tx.conn())
    .await?;
    let ids: Vec<Uuid> = addresses.iter().map(|_| DeliveryId::new().into()).collect();
    let channels: Vec<String> = addresses.iter().map(|to| to.channel.clone()).collect();
    let addresses: Vec<String> = addresses.into_iter().map(|to| to.address).collect();
    sqlx::query!(
        "insert into deliveries (org_id, id, notification_id, channel, address, created_at)
         select $1, row.id, $2, row.channel, row.address, $3
         from unnest($4::uuid[], $5::text[], $6::text[]) as row (id, channel, address)",
        org.0,
        id.0,
        now,
        &ids,
        &channels,
        &addresses
    )
    .execute(tx.conn())
    .await?;
    for delivery in ids {
        tx.enqueue(&Notifications::SendDelivery { delivery: delivery.into() });
    }
    Ok(())
}
