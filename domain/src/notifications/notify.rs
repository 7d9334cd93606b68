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
    notify_all(tx, vec![notice]).await
}

/// The same for several notices, whomever and whatever they are about.
pub(crate) async fn notify_all(tx: &mut Tx, notices: Vec<Notice>) -> Result<()> {
    write(tx, notices, &ALL_CHANNELS).await?;
    Ok(())
}

/// Tells several people about the same thing. Answers how many had not been told before.
pub(crate) async fn tell_all(tx: &mut Tx, about: &About<'_>, people: Vec<Told>) -> Result<usize> {
    let &About { kind, subject_type, subject_id, channels } = about;
    let notice =
        |Told { user, payload, dedupe_key }| Notice { user, kind, subject_type, subject_id, payload, dedupe_key };
    write(tx, people.into_iter().map(notice).collect(), channels).await
}

async fn write(tx: &mut Tx, notices: Vec<Notice>, channels: &[&str]) -> Result<usize> {
    for notice in &notices {
        debug_assert!(
            wording::render(notice.kind, Locale::French, &notice.payload, chrono_tz::UTC).is_ok(),
            "{} lacks facts: {}",
            notice.kind.code(),
            notice.payload
        );
    }
    let (org, now) = (tx.org()?, tx.now());
    let ids: Vec<Uuid> = notices.iter().map(|_| NotificationId::new().into()).collect();
    let users: Vec<Uuid> = notices.iter().map(|notice| notice.user.into()).collect();
    let kinds: Vec<String> = notices.iter().map(|notice| notice.kind.code().to_owned()).collect();
    let subject_types: Vec<String> = notices.iter().map(|notice| notice.subject_type.to_owned()).collect();
    let subjects: Vec<Uuid> = notices.iter().map(|notice| notice.subject_id).collect();
    // what must be told travels whatever was switched off before it had to be
    let obligatory: Vec<bool> = notices.iter().map(|notice| notice.kind.obligation().is_some()).collect();
    let (payloads, keys): (Vec<Value>, Vec<String>) =
        notices.into_iter().map(|notice| (notice.payload, notice.dedupe_key)).unzip();
    let allowed: Vec<String> = channels.iter().map(|&channel| channel.to_owned()).collect();
    let written = sqlx::query!(
        r#"with news as materialized (
               select * from unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::uuid[], $8::bool[], $9::jsonb[], $10::text[])
                    as news (id, user_id, kind, subject_type, subject_id, obligatory, payload, key)),
           told as (
               insert into notifications (org_id, id, user_id, kind, subject_type, subject_id, payload, locale, dedupe_key,
                                          created_at)
               select $1, news.id, u.id, news.kind, news.subject_type, news.subject_id, news.payload,
                      coalesce(p.locale, u.locale), news.key, $2
               from news join users u on u.id = news.user_id and u.status <> 'erased'
               left join preferences p on p.org_id = $1 and p.user_id = u.id
               on conflict on constraint notifications_once do nothing
               returning id, user_id, kind),
           posted as (
               insert into deliveries (org_id, id, notification_id, channel, address, send_at, created_at)
               select $1, gen_random_uuid(), told.id, r.channel, r.address, $2, $2
               from told join news on news.id = told.id
               join reachable r on r.user_id = told.user_id and r.channel = any($11)
               left join preferences p on p.org_id = $1 and p.user_id = told.user_id
               where r.user_id = any($4) and (news.obligatory or not coalesce(p.muted -> told.kind ? r.channel, false))
               returning id, notification_id)
           select (select count(*) from told) as "told!", posted.id as "letter: DeliveryId", news.subject_id as "about"
           from (values (1)) as always (one) left join posted on true left join news on news.id = posted.notification_id"#,
        org.0,
        now,
        &ids,
        &users,
        &kinds,
        &subject_types,
        &subjects,
        &obligatory,
        &payloads,
        &keys,
        &allowed
    )
    .fetch_all(tx.conn())
    .await?;
    for (delivery, about) in written.iter().filter_map(|row| row.letter.zip(row.about)) {
        tx.goes_on_with(delivery.into(), about);
        tx.enqueue(&Notifications::SendDelivery { delivery });
    }
    Ok(written.first().map_or(0, |row| usize::try_from(row.told).unwrap_or_default()))
}
