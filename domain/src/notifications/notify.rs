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
    let allowed: Vec<String> = about.channels.iter().map(|&channel| channel.to_owned()).collect();
    // what must be told travels whatever was switched off before it had to be
    let obligatory = about.kind.obligation().is_some();
    let written = sqlx::query!(
        r#"with told as (
               insert into notifications (org_id, id, user_id, kind, subject_type, subject_id, payload, locale, dedupe_key,
                                          created_at)
               select $1, told.id, u.id, $2, $3, $4, told.payload, coalesce(p.locale, u.locale), told.key, $5
               from unnest($6::uuid[], $7::uuid[], $8::jsonb[], $9::text[]) as told (id, user_id, payload, key)
               join users u on u.id = told.user_id and u.status <> 'erased'
               left join preferences p on p.org_id = $1 and p.user_id = u.id
               on conflict on constraint notifications_once do nothing
               returning id, user_id, kind),
           posted as (
               insert into deliveries (org_id, id, notification_id, channel, address, send_at, created_at)
               select $1, gen_random_uuid(), told.id, r.channel, r.address, $5, $5
               from told join reachable r on r.user_id = told.user_id and r.channel = any($10)
               left join preferences p on p.org_id = $1 and p.user_id = told.user_id
               where r.user_id = any($7) and ($11 or not coalesce(p.muted -> told.kind ? r.channel, false))
               returning id)
           select (select count(*) from told) as "told!", array(select id from posted) as "letters!: Vec<DeliveryId>""#,
        org.0,
        about.kind.code(),
        about.subject_type,
        about.subject_id,
        now,
        &ids,
        &users,
        &payloads,
        &keys,
        &allowed,
        obligatory
    )
    .fetch_one(tx.conn())
    .await?;
    for delivery in written.letters {
        tx.enqueue(&Notifications::SendDelivery { delivery });
    }
    Ok(usize::try_from(written.told).unwrap_or_default())
}
