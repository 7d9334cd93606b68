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

/// What several people are told about.
pub(crate) struct About<'a> {
    pub kind: NoticeKind,
    pub subject_type: &'static str,
    pub subject_id: Uuid,
    /// The channels it may travel on.
    pub channels: &'a [&'a str],
}

/// One of the people who are told, and the facts for them.
pub(crate) struct Told {
    pub user: UserId,
    pub payload: Value,
    pub dedupe_key: String,
}

/// Every channel there is.
const ALL_CHANNELS: [&str; 3] = ["push", "email", "sms"];

/// Tells a person, on every channel they can be reached on and did not switch off for this kind: each valid device by
/// push, one e-mail address, one phone. What was told before is not told again; who was erased is told nothing.
///
/// # Errors
/// A fault when the database fails.
pub async fn notify(tx: &mut Tx, notice: Notice) -> Result<()> {
    let Notice { user, kind, subject_type, subject_id, payload, dedupe_key } = notice;
    let about = About { kind, subject_type, subject_id, channels: &ALL_CHANNELS };
    tell_all(tx, &about, vec![Told { user, payload, dedupe_key }]).await?;
    Ok(())
}

/// Tells several people about the same thing. Answers how many had not been told before.
pub(crate) async fn tell_all(tx: &mut Tx, about: &About<'_>, people: Vec<Told>) -> Result<usize> {
    for person in &people {
        debug_assert!(
            wording::render(about.kind, Locale::French, &person.payload, chrono_tz::UTC).is_ok(),
            "{} lacks facts: {}",
            about.kind.code(),
            person.payload
        );
    }
    let (org, now) = (tx.org()?, tx.now());
    let ids: Vec<Uuid> = people.iter().map(|_| NotificationId::new().into()).collect();
    let users: Vec<Uuid> = people.iter().map(|person| person.user.into()).collect();
    let payloads: Vec<Value> = people.iter().map(|person| person.payload.clone()).collect();
    let keys: Vec<String> = people.into_iter().map(|person| person.dedupe_key).collect();
    let written = sqlx::query_scalar!(
        "insert into notifications (org_id, id, user_id, kind, subject_type, subject_id, payload, locale, dedupe_key,
                                    created_at)
         select $1, told.id, u.id, $2, $3, $4, told.payload, coalesce(p.locale, u.locale), told.key, $5
         from unnest($6::uuid[], $7::uuid[], $8::jsonb[], $9::text[]) as told (id, user_id, payload, key)
         join users u on u.id = told.user_id and u.status <> 'erased'
         left join preferences p on p.org_id = $1 and p.user_id = u.id
         on conflict on constraint notifications_once do nothing
         returning id",
        org.0,
        about.kind.code(),
        about.subject_type,
        about.subject_id,
        now,
        &ids,
        &users,
        &payloads,
        &keys
    )
    .fetch_all(tx.conn())
    .await?;
    if !written.is_empty() && !about.channels.is_empty() {
        post_deliveries(tx, about, &written, &users).await?;
    }
    Ok(written.len())
}

async fn post_deliveries(tx: &mut Tx, about: &About<'_>, written: &[Uuid], users: &[Uuid]) -> Result<()> {
    let (org, now) = (tx.org()?, tx.now());
    let allowed: Vec<String> = about.channels.iter().map(|&channel| channel.to_owned()).collect();
    // what must be told travels whatever was switched off before it had to be
    let obligatory = about.kind.obligation().is_some();
    let letters = sqlx::query!(
        r#"select n.id, r.channel as "channel!", r.address as "address!"
           from reachable r join notifications n on n.org_id = $1 and n.id = any($2) and n.user_id = r.user_id
           left join preferences p on p.org_id = $1 and p.user_id = r.user_id
           where r.user_id = any($3) and r.channel = any($4)
             and ($5 or not coalesce(p.muted -> n.kind ? r.channel, false))"#,
        org.0,
        written,
        users,
        &allowed,
        obligatory
    )
    .fetch_all(tx.conn())
    .await?;
    let ids: Vec<Uuid> = letters.iter().map(|_| DeliveryId::new().into()).collect();
    let notices: Vec<Uuid> = letters.iter().map(|letter| letter.id).collect();
    let channels: Vec<String> = letters.iter().map(|letter| letter.channel.clone()).collect();
    let addresses: Vec<String> = letters.into_iter().map(|letter| letter.address).collect();
    sqlx::query!(
        "insert into deliveries (org_id, id, notification_id, channel, address, send_at, created_at)
         select $1, row.id, row.notice, row.channel, row.address, $2, $2
         from unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[]) as row (id, notice, channel, address)",
        org.0,
        now,
        &ids,
        &notices,
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
