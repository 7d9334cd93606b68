//! A freed unit finds the best entry it fits (H8). Whoever frees a unit posts the job in the same commit; a sweep posts
//! it for every line that somebody waits in, because a free unit must not stay idle beside somebody it fits.

use super::{Entry, Ranking, entry, expire_offer, give, line, score};
use crate::{
    bookings,
    db::Tx,
    error::{Error, Result},
    ids::*,
    inventory::units::{Span, Unit},
    jobs::Reservations,
    refusals::Refusal,
};
use std::collections::HashMap;
use uuid::Uuid;

/// To be called wherever claims end: what was freed on these resources is offered by a job of the same commit.
/// Resources without a waitlist cost nothing.
///
/// # Errors
/// A fault when the database fails.
pub async fn units_freed(tx: &mut Tx, resources: &[ResourceId]) -> Result<()> {
    let org = tx.org()?;
    let lines = sqlx::query_scalar!(
        r#"select r.id as "id: ResourceId" from resources r
           where r.org_id = $1 and r.id = any($2)
             and (r.queue_discipline <> 'none'
                  or exists (select from queue_entries e
                             where e.org_id = r.org_id and e.resource_id = r.id and e.status = 'waiting'))"#,
        org.0,
        &resources.iter().map(|id| id.0).collect::<Vec<Uuid>>()
    )
    .fetch_all(tx.conn())
    .await?;
    for resource in lines {
        tx.enqueue(&Reservations::MatchLine { resource });
    }
    Ok(())
}

/// Lets those who wait for these locked resources have what is free, before anybody else may take it: in the commit of
/// whoever asks. Resources nobody waits for cost one look.
pub(crate) async fn serve_first(tx: &mut Tx, resources: &[ResourceId]) -> Result<()> {
    let org = tx.org()?;
    let awaited = sqlx::query_scalar!(
        r#"select r.id as "id: ResourceId" from unnest($2::uuid[]) as r (id)
           where exists (select from queue_entries e
                         where e.org_id = $1 and e.resource_id = r.id and e.status in ('waiting', 'offered'))
           order by r.id"#,
        org.0,
        &resources.iter().map(|id| id.0).collect::<Vec<Uuid>>()
    )
    .fetch_all(tx.conn())
    .await?;
    for resource in awaited.into_iter().flatten() {
        while match_line(tx, resource).await? > 0 {}
    }
    Ok(())
}

/// Offers what is free on a resource to those who wait for it, in their order. Answers how many offers it made: when
/// any, the job is posted again, because it looks at a bounded part of the line.
///
/// # Errors
/// A fault when the database fails.
pub async fn match_line(tx: &mut Tx, resource: ResourceId) -> Result<usize> {
    // the lock comes before the look: what is freed later finds this job gone and posts another
    let line = match line::lock(tx, resource).await {
        Err(Error::Refused(Refusal::NotFound)) => return Ok(0),
        line => line?,
    };
    expire_offer::end_overdue_on(tx, &line).await?;
    if !line.open || !score::somebody_fits(tx, resource).await? {
        return Ok(0);
    }
    let mut rows = score::head(tx, resource, None).await?;
    let who_fits: Vec<QueueEntryId> = rows.iter().filter(|place| place.fits).map(|place| place.entry).collect();
    let mut seen: HashMap<_, _> =
        entry::load_all(tx, &who_fits).await?.into_iter().map(|seen| (seen.id, seen)).collect();
    let mut left = Left::default();
    let mut made = 0;
    let mut next = 0;
    while let Some(place) = rows.get_mut(next) {
        let candidate = if place.fits { seen.remove(&place.entry) } else { None };
        let Some(seen) = candidate else {
            next += 1;
            continue;
        };
        let wanted = usize::try_from(seen.quantity).unwrap_or(usize::MAX);
        let free = left.for_wish(tx, &seen, wanted).await?;
        if free.len() < wanted {
            place.fits = false; // what it wanted went to those before it
            next += 1;
            continue;
        }
        let ranking = Ranking::of(tx.now(), seen.discipline, seen.id, &rows)?;
        let booking = bookings::lock(tx, seen.booking).await?;
        let entry = entry::lock_alone(tx, seen.id).await?;
        give::give(tx, &line, &booking, &entry, &free[..wanted], &ranking, None).await?;
        rows.remove(next);
        made += 1;
    }
    if made > 0 {
        tx.enqueue(&Reservations::MatchLine { resource });
    }
    Ok(made)
}

/// What is left while a line is served: only ever less, so a wish that too little is free for is not looked at again,
/// however many share it.
#[derive(Default)]
struct Left(HashMap<(Span, Vec<String>), usize>);

impl Left {
    /// The units an entry may have, when there are as many as are wanted.
    async fn for_wish(&mut self, tx: &mut Tx, seen: &Entry, wanted: usize) -> Result<Vec<Unit>> {
        let wish = (seen.span(), seen.features.clone());
        if self.0.get(&wish).is_some_and(|left| *left < wanted) {
            return Ok(Vec::new());
        }
        let free = line::free(tx, seen.resource, seen.span(), &seen.features).await?;
        self.0.insert(wish, free.len());
        if free.len() < wanted {
            return Ok(free);
        }
        let booking = bookings::load(tx, seen.booking).await?;
        bookings::without_reserved(tx, &booking, free).await
    }
}
