//! Nets under the timers of the waitlist: deadlines are rows, and a line is served though its own job was lost.

use crate::{db::Tx, error::Result, ids::*, jobs::Reservations};

/// Work of one look; the next one goes on.
const MOST: i32 = 1_000;

/// Enqueues the end of every offer whose time is over. Answers how many.
///
/// # Errors
/// A fault when the database fails.
pub async fn sweep_offers(tx: &mut Tx) -> Result<usize> {
    let overdue = sqlx::query!(
        r#"select o.org_id as "org!: OrgId", o.offer_id as "offer!: OfferId", o.deadline as "deadline!"
           from expired_offers($1) o"#,
        MOST
    )
    .fetch_all(tx.conn())
    .await?;
    for row in &overdue {
        tx.enqueue_for(row.org, &Reservations::ExpireOffer { offer: row.offer, deadline: row.deadline });
    }
    Ok(overdue.len())
}

/// Enqueues the end of every wish that has become pointless. Answers how many.
///
/// # Errors
/// A fault when the database fails.
pub async fn sweep_entries(tx: &mut Tx) -> Result<usize> {
    let useless = sqlx::query!(
        r#"select e.org_id as "org!: OrgId", e.entry_id as "entry!: QueueEntryId", e.deadline as "deadline!"
           from useless_entries($1) e"#,
        MOST
    )
    .fetch_all(tx.conn())
    .await?;
    for row in &useless {
        tx.enqueue_for(row.org, &Reservations::EndEntry { entry: row.entry, deadline: row.deadline });
    }
    Ok(useless.len())
}

/// Enqueues a look at every line somebody waits in. Answers how many lines there are: it cannot see from here whether
/// something is free.
///
/// # Errors
/// A fault when the database fails.
pub async fn sweep_lines(tx: &mut Tx) -> Result<usize> {
    let (mut seen, mut last) = (0, (None, None));
    loop {
        let lines = sqlx::query!(
            r#"select l.org_id as "org!: OrgId", l.resource_id as "resource!: ResourceId"
               from awaited_resources($1, $2, $3) l"#,
            last.0 as Option<uuid::Uuid>,
            last.1 as Option<uuid::Uuid>,
            MOST
        )
        .fetch_all(tx.conn())
        .await?;
        for line in &lines {
            tx.enqueue_for(line.org, &Reservations::MatchLine { resource: line.resource });
        }
        seen += lines.len();
        match lines.last() {
            Some(line) if lines.len() >= usize::try_from(MOST).unwrap_or(usize::MAX) => {
                last = (Some(line.org.0), Some(line.resource.0));
            }
            _ => return Ok(seen),
        }
    }
}
