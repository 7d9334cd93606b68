//! The walk over a broadcast's audience: so many people, one commit, and where it stands in the same commit. Whoever
//! takes it up after a power cut goes on behind the last commit; a second telling of the same person is refused by
//! the key of the notification.

use super::{
    Broadcast, Counts, audience,
    audience::Hearer,
    queries::{counts, of_operation},
};
use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::*,
    notifications::{About, NoticeKind, Told, tell_all, wording::Locale},
    operations,
};
use chrono::TimeDelta;
use serde_json::json;

/// People told in one commit.
const CHUNK: i64 = 500;
/// Messages wait for the end of quiet hours, and then a day at most: whatever is open by then has no end to wait for.
const LONGEST_WAIT: TimeDelta = TimeDelta::hours(42);

/// How far a broadcast is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Walked {
    /// There are more people to tell: go on at once.
    On,
    /// Everybody was told in the app; messages are on their way. Look again after this time.
    Waiting(TimeDelta),
    /// It ended, was called off, or ended long ago.
    Ended,
}

/// Tells the next people, or looks whether the last message has an end.
///
/// # Errors
/// A fault when the database fails.
pub async fn walk(tx: &mut Tx, operation: OperationId) -> Result<Walked> {
    if operations::lock_unfinished(tx, operation).await?.is_none() {
        return Ok(Walked::Ended);
    }
    let broadcast = of_operation(tx, operation).await?;
    match broadcast.walked_at {
        None => tell_next(tx, broadcast).await,
        Some(_) => look(tx, &broadcast).await,
    }
}

async fn tell_next(tx: &mut Tx, before: Broadcast) -> Result<Walked> {
    if before.walked_to.is_none() {
        operations::advance(tx, before.operation, "started", None).await?;
    }
    let hearers = audience::next(tx, &before, CHUNK).await?;
    let told = tell(tx, &before, &hearers).await?;
    let met = i32::try_from(hearers.len()).map_err(|e| Fault::corrupt("broadcast", e))?;
    let told = i32::try_from(told).map_err(|e| Fault::corrupt("broadcast", e))?;
    let over = i64::from(met) < CHUNK;
    let after = Broadcast {
        walked_to: hearers.last().map_or(before.walked_to, |last| Some(last.user)),
        walked_at: over.then_some(tx.now()),
        recipients: before.recipients + met,
        passed_over: before.passed_over + met - told,
        ..before
    };
    store(tx, &after).await?;
    if over {
        operations::advance(tx, after.operation, "everybody_told", Some("carriers")).await?;
        return look(tx, &after).await;
    }
    operations::report(tx, after.operation, json!({ "recipients": after.recipients })).await?;
    Ok(Walked::On)
}

async fn tell(tx: &mut Tx, broadcast: &Broadcast, hearers: &[Hearer]) -> Result<usize> {
    let channels: Vec<&str> = broadcast.channels.iter().map(String::as_str).collect();
    let about = About {
        kind: NoticeKind::Announcement,
        subject_type: "broadcast",
        subject_id: broadcast.id.into(),
        channels: &channels,
    };
    let told = |hearer: &Hearer| {
        let (subject, body) = match hearer.locale {
            Locale::French => (&broadcast.subject.french, &broadcast.body.french),
            Locale::English => (&broadcast.subject.english, &broadcast.body.english),
        };
        let dedupe_key = format!("broadcast/{}/{}", broadcast.id, hearer.user);
        Told { user: hearer.user, payload: json!({ "subject": subject, "body": body }), dedupe_key }
    };
    tell_all(tx, &about, hearers.iter().filter(|hearer| hearer.active).map(told).collect()).await
}

async fn store(tx: &mut Tx, broadcast: &Broadcast) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!(
        "update broadcasts set walked_to = $3, walked_at = $4, recipients = $5, passed_over = $6
         where org_id = $1 and id = $2",
        org.0,
        broadcast.id.0,
        broadcast.walked_to.map(|user| user.0),
        broadcast.walked_at,
        broadcast.recipients,
        broadcast.passed_over
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Counts what became of it; ends it when nothing is on its way any more.
async fn look(tx: &mut Tx, broadcast: &Broadcast) -> Result<Walked> {
    let counted = counts(tx, broadcast).await?;
    let since = broadcast.walked_at.map_or(TimeDelta::zero(), |at| tx.now() - at);
    operations::report(tx, broadcast.operation, told(counted)).await?;
    if counted.waiting == 0 || since > LONGEST_WAIT {
        operations::succeed(tx, broadcast.operation, told(counted)).await?;
        return Ok(Walked::Ended);
    }
    // most messages leave within seconds; those that wait for the morning need no closer look
    Ok(Walked::Waiting(if since < TimeDelta::minutes(2) { TimeDelta::seconds(2) } else { TimeDelta::minutes(1) }))
}

fn told(counts: Counts) -> serde_json::Value {
    serde_json::to_value(counts).unwrap_or_default()
}
