//! Carrying one message on one channel: load, call, record. A message on its way is marked before the call. A push or
//! a mail whose outcome is unknown may be repeated, because it carries a key that makes the repeat recognisable; a
//! text message may not.

use super::{
    QuietHours, outdated,
    remind::still_true,
    wording::{self, Locale, NoticeKind},
};
use crate::{
    broadcasts,
    db::Tx,
    error::{Fault, Result},
    identity::devices,
    ids::*,
};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;
use serde_json::Value;
use std::collections::BTreeMap;
use uuid::Uuid;

/// News this old confuse more than silence.
const TOO_OLD: TimeDelta = TimeDelta::hours(24);

/// How a message travels (R1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// To a device.
    Push,
    /// To a mailbox.
    Email,
    /// To a phone.
    Sms,
}

impl Channel {
    /// The channel with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        match code {
            "push" => Some(Self::Push),
            "email" => Some(Self::Email),
            "sms" => Some(Self::Sms),
            _ => None,
        }
    }
}

/// A worded message with its address. Never log it.
#[derive(Clone)]
pub struct Parcel {
    /// The delivery it belongs to.
    pub delivery: DeliveryId,
    /// How it travels.
    pub channel: Channel,
    /// Device token, e-mail address or E.164 number.
    pub address: String,
    /// Subject or first line; unused by SMS.
    pub title: String,
    /// The words for this channel.
    pub body: String,
    /// What the app reads: `kind`, `notification_id`, `subject_type`, `subject_id`.
    pub data: BTreeMap<String, String>,
    /// The same on every attempt, so that a repeated mail is recognisable; without a domain.
    pub message_id: String,
    /// The same on every attempt, so that a repeated push replaces the first.
    pub collapse_key: String,
}

/// What became of a parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeliveryResult {
    /// Handed over; the carrier's id where it gives one.
    Sent(Option<String>),
    /// The address is dead.
    Gone,
    /// The carrier will never take it.
    Rejected {
        /// Its code.
        code: String,
    },
    /// It certainly did not leave: it may be tried again.
    NotSent,
}

/// Whether a message leaves.
pub enum Departure {
    /// It does not, or did already: there is nothing to do any more.
    Nothing,
    /// Its reader is to be left alone: look again after this time (SN2).
    Later(TimeDelta),
    /// Now.
    Now(Box<Parcel>),
}

/// Marks a delivery as on its way and words it, unless it must wait or came to nothing. Commit before the call.
///
/// # Errors
/// A fault when the database fails or a fact is missing.
pub async fn start_delivery(tx: &mut Tx, id: DeliveryId) -> Result<Departure> {
    let Some(letter) = lock(tx, id).await? else { return Ok(Departure::Nothing) };
    let unknown = || Fault::corrupt("deliveries.channel", &letter.channel);
    let channel = Channel::from_code(&letter.channel).ok_or_else(unknown)?;
    match letter.status.as_str() {
        "sending" if channel == Channel::Sms => {
            set_status(tx, id, "failed", Some("outcome unknown")).await?;
            return Ok(Departure::Nothing);
        }
        "queued" | "sending" => {}
        _ => return Ok(Departure::Nothing),
    }
    if let Some(reason) = stale(tx, &letter).await? {
        set_status(tx, id, "dropped", Some(reason)).await?;
        return Ok(Departure::Nothing);
    }
    if let Some(until) = quiet_until(tx.now(), &letter)? {
        wait(tx, id, until).await?;
        return Ok(Departure::Later(until - tx.now()));
    }
    set_status(tx, id, "sending", None).await?;
    Ok(Departure::Now(Box::new(parcel(id, channel, letter)?)))
}

/// When the quiet hours of its reader end, if they are on and the message can wait.
fn quiet_until(now: DateTime<Utc>, letter: &Letter) -> Result<Option<DateTime<Utc>>> {
    let Some((from, to)) = letter.quiet_from.zip(letter.quiet_to) else { return Ok(None) };
    let zone: Tz = letter.reader_zone.parse().map_err(|e| Fault::corrupt("preferences.timezone", e))?;
    Ok(QuietHours { from, to }.hold_back(now, zone, letter.kind()?.useless_after(&letter.payload)))
}

/// Nothing left: it is queued again, and its age counts from when it may leave.
async fn wait(tx: &mut Tx, id: DeliveryId, until: DateTime<Utc>) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!(
        "update deliveries set status = 'queued', send_at = $3 where org_id = $1 and id = $2",
        org.0,
        id.0,
        until
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Records what became of a parcel. Recording twice changes nothing.
///
/// # Errors
/// A fault when the database fails.
pub async fn record_delivery(tx: &mut Tx, id: DeliveryId, result: &DeliveryResult) -> Result<()> {
    let (org, now) = (tx.org()?, tx.now());
    let (status, message_id, problem) = match result {
        DeliveryResult::Sent(message_id) => ("sent", message_id.as_deref(), None),
        DeliveryResult::Gone => ("failed", None, Some("address gone")),
        DeliveryResult::Rejected { code } => ("failed", None, Some(code.as_str())),
        DeliveryResult::NotSent => ("queued", None, None),
    };
    let recorded = sqlx::query!(
        "update deliveries set status = $3, provider_message_id = left($4, 300), error = left($5, 300),
                sent_at = case when $3 = 'sent' then $6::timestamptz end
         where org_id = $1 and id = $2 and status = 'sending' returning channel, address, started_at",
        org.0,
        id.0,
        status,
        message_id,
        problem,
        now
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(recorded) = recorded else { return Ok(()) };
    if *result == DeliveryResult::Gone && recorded.channel == "push" {
        devices::invalidate_token(tx, &recorded.address, recorded.started_at).await?;
    }
    Ok(())
}

struct Letter {
    status: String,
    channel: String,
    address: String,
    send_at: DateTime<Utc>,
    notification_id: Uuid,
    user_id: Uuid,
    user_status: String,
    kind: String,
    subject_type: String,
    subject_id: Uuid,
    payload: Value,
    locale: String,
    timezone: String,
    quiet_from: Option<NaiveTime>,
    quiet_to: Option<NaiveTime>,
    reader_zone: String,
}

impl Letter {
    fn kind(&self) -> Result<NoticeKind, Fault> {
        NoticeKind::from_code(&self.kind).ok_or_else(|| Fault::corrupt("notifications.kind", &self.kind))
    }
}

async fn lock(tx: &mut Tx, id: DeliveryId) -> Result<Option<Letter>> {
    let org = tx.org()?;
    Ok(sqlx::query_as!(
        Letter,
        r#"select d.status, d.channel, d.address, d.send_at, n.id as notification_id, n.user_id, u.status as user_status,
                  n.kind, n.subject_type, n.subject_id, n.payload, n.locale, o.timezone,
                  p.quiet_from as "quiet_from?", p.quiet_to as "quiet_to?",
                  coalesce(p.timezone, u.timezone, o.timezone) as "reader_zone!"
           from deliveries d
           join notifications n on n.org_id = d.org_id and n.id = d.notification_id
           join users u on u.id = n.user_id
           join organizations o on o.id = d.org_id
           left join preferences p on p.org_id = d.org_id and p.user_id = n.user_id
           where d.org_id = $1 and d.id = $2 for update of d"#,
        org.0,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?)
}

async fn set_status(tx: &mut Tx, id: DeliveryId, status: &str, problem: Option<&str>) -> Result<()> {
    let (org, now) = (tx.org()?, tx.now());
    sqlx::query!(
        "update deliveries set status = $3, error = $4, started_at = case when $3 = 'sending' then $5 else started_at end
         where org_id = $1 and id = $2",
        org.0,
        id.0,
        status,
        problem,
        now
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Why a message should not leave any more: its reader is gone, it is old, the phone changed hands, the broadcast was
/// called off, or what it says is no longer true.
async fn stale(tx: &mut Tx, letter: &Letter) -> Result<Option<&'static str>> {
    if letter.user_status == "erased" {
        return Ok(Some("reader erased"));
    }
    if tx.now() > letter.send_at + TOO_OLD {
        return Ok(Some("too old"));
    }
    if letter.channel == "push" && !is_their_device(tx, letter).await? {
        return Ok(Some("device gone"));
    }
    if letter.kind == NoticeKind::Announcement.code() && broadcasts::is_cancelled(tx, letter.subject_id.into()).await? {
        return Ok(Some("broadcast cancelled"));
    }
    if outdated::is_over(tx, &letter.kind, letter.subject_id, &letter.payload).await? {
        return Ok(Some("no longer true"));
    }
    if [NoticeKind::Reminder, NoticeKind::ReservationReminder].iter().any(|kind| kind.code() == letter.kind) {
        let start_at = letter.payload["departure_at"].as_str().and_then(|at| at.parse().ok());
        let minutes = letter.payload["minutes_before"].as_u64().and_then(|minutes| u32::try_from(minutes).ok());
        let (Some(start_at), Some(minutes)) = (start_at, minutes) else {
            return Err(Fault::corrupt("notification payload", "a reminder without its time").into());
        };
        if !still_true(tx, letter.subject_id, start_at, minutes).await? {
            return Ok(Some("no longer true"));
        }
    }
    Ok(None)
}

async fn is_their_device(tx: &mut Tx, letter: &Letter) -> Result<bool> {
    Ok(sqlx::query_scalar!(
        r#"select exists(select 1 from devices where push_token = $1 and user_id = $2 and invalid_at is null) as "yes!""#,
        letter.address,
        letter.user_id
    )
    .fetch_one(tx.conn())
    .await?)
}

fn parcel(id: DeliveryId, channel: Channel, letter: Letter) -> Result<Parcel> {
    let kind = letter.kind()?;
    let zone = letter.timezone.parse().map_err(|e| Fault::corrupt("organizations.timezone", e))?;
    let words = wording::render(kind, Locale::from_code(&letter.locale), &letter.payload, zone)?;
    let data = [
        ("kind", letter.kind),
        ("notification_id", letter.notification_id.to_string()),
        ("subject_type", letter.subject_type),
        ("subject_id", letter.subject_id.to_string()),
    ];
    Ok(Parcel {
        delivery: id,
        channel,
        address: letter.address,
        title: words.title,
        body: if channel == Channel::Sms { words.sms } else { words.body },
        data: data.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        message_id: id.to_string(),
        collapse_key: letter.notification_id.to_string(),
    })
}
