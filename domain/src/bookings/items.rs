//! The units of a booking: wished for while it is a draft or waits in a line, given afterwards (MODEL §2.3). History
//! keeps their labels (CX56).

use super::{Booking, alternatives::alternatives, eligible, wishes::Wanted};
use crate::{
    db::Tx,
    error::{Error, Result},
    ids::*,
    inventory::{
        Condition, Kind,
        units::{self, Span, Unit},
    },
    refusals::Refusal,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use uuid::Uuid;

/// One unit of a booking.
#[derive(Debug, Clone, Serialize)]
pub struct Item {
    /// Its id.
    pub id: ItemId,
    /// Of which resource.
    pub resource: ResourceId,
    /// Which unit; none while it is only wished for.
    pub unit: Option<UnitId>,
    /// What people called it then.
    pub label: Option<String>,
    /// The person named this very unit.
    pub pinned: bool,
    /// When it was handed out.
    pub handed_over_at: Option<DateTime<Utc>>,
    /// How it looked then.
    pub condition_out: Option<Condition>,
    /// When it came back.
    pub returned_at: Option<DateTime<Utc>>,
    /// How it looked then.
    pub condition_in: Option<Condition>,
    /// What was remarked.
    pub remark: Option<String>,
}

impl Item {
    /// It is out: given and not back.
    pub(super) fn is_out(&self) -> bool {
        self.unit.is_some() && self.returned_at.is_none()
    }
}

/// A unit given for a line of a request; none when the line is only written down.
#[derive(Debug, Clone)]
pub(super) struct Given {
    pub resource: ResourceId,
    pub unit: Option<Unit>,
    pub pinned: bool,
}

/// The units of a booking, by resource and label.
///
/// # Errors
/// A fault when the database fails.
pub async fn items(tx: &mut Tx, booking: BookingId) -> Result<Vec<Item>> {
    let org = tx.org()?;
    Ok(sqlx::query_as!(
        Item,
        r#"select id as "id: ItemId", resource_id as "resource: ResourceId", unit_id as "unit: UnitId",
                  unit_label as label, pinned, handed_over_at, condition_out as "condition_out: Condition", returned_at,
                  condition_in as "condition_in: Condition", remark
           from booking_items where org_id = $1 and booking_id = $2
           order by resource_id, length(unit_label), unit_label, id"#,
        org.0,
        booking.0
    )
    .fetch_all(tx.conn())
    .await?)
}

/// The resources of a booking, by id.
pub(super) async fn resources_of(tx: &mut Tx, booking: BookingId) -> Result<Vec<ResourceId>> {
    let org = tx.org()?;
    Ok(sqlx::query_scalar!(
        r#"select distinct resource_id as "id: ResourceId" from booking_items where org_id = $1 and booking_id = $2
           order by 1"#,
        org.0,
        booking.0
    )
    .fetch_all(tx.conn())
    .await?)
}

/// Lines that ask again for what these units are.
pub(super) fn wanted(items: &[Item]) -> Vec<Wanted> {
    let mut lines: Vec<Wanted> = Vec::new();
    for item in items {
        let pinned = item.unit.filter(|_| item.pinned);
        match lines.iter_mut().find(|line| line.resource == item.resource && line.unit.is_none() && pinned.is_none()) {
            Some(line) => line.quantity += 1,
            None => lines.push(Wanted { resource: item.resource, quantity: 1, unit: pinned }),
        }
    }
    lines
}

/// The time its units are taken: with what is needed before and after (SN29).
pub(crate) fn claimed(booking: &Booking) -> Span {
    let (before, after) = (booking.policy.buffer_before_minutes, booking.policy.buffer_after_minutes);
    Span {
        start: booking.start_at - TimeDelta::minutes(before.into()),
        end: booking.end_at + TimeDelta::minutes(after.into()),
    }
}

/// Picks free units for every line of a booking, all or nothing; those in `keep` first. The things are locked.
pub(super) async fn pick(tx: &mut Tx, booking: &Booking, wanted: &[Wanted], keep: &[UnitId]) -> Result<Vec<Given>> {
    let (span, mut given) = (claimed(booking), Vec::new());
    let reserved = eligible::reserved(tx, booking.beneficiary, &booking.policy).await?;
    for resource in super::wishes::resources(wanted) {
        let lines: Vec<&Wanted> = wanted.iter().filter(|line| line.resource == resource).collect();
        let named: Vec<UnitId> = lines.iter().filter_map(|line| line.unit).collect();
        if !named.is_empty() {
            let free = units::free_among(tx, resource, span, &named).await?;
            eligible::must_not_be_for_others(tx, booking, &reserved, &free).await?;
            if let Some(missing) = named.iter().find(|unit| free.iter().all(|free| free.id != **unit)) {
                return Err(taken(tx, booking, resource, Some(*missing), (0, 1)).await);
            }
            given.extend(free.into_iter().map(|unit| Given { resource, unit: Some(unit), pinned: true }));
        }
        let wished: i32 = lines.iter().filter(|line| line.unit.is_none()).map(|line| line.quantity).sum();
        if wished == 0 {
            continue;
        }
        let free = units::first_free(tx, resource, span, (keep, &named), &reserved, wished).await?;
        if free.len() < usize::try_from(wished).unwrap_or_default() {
            let available = i64::try_from(free.len() + named.len()).unwrap_or(i64::MAX);
            let requested = lines.iter().map(|line| i64::from(line.quantity)).sum();
            return Err(taken(tx, booking, resource, None, (available, requested)).await);
        }
        given.extend(free.into_iter().map(|unit| Given { resource, unit: Some(unit), pinned: false }));
    }
    Ok(given)
}

async fn taken(
    tx: &mut Tx,
    booking: &Booking,
    resource: ResourceId,
    unit: Option<UnitId>,
    (available, requested): (i64, i64),
) -> Error {
    let instead = alternatives(tx, booking, resource, unit, requested).await;
    match (instead, lines_up(tx, resource).await) {
        (Ok(alternatives), Ok(lined)) => {
            let waitlist = lined.then_some("POST /waitlist");
            Refusal::Taken { available, requested, resource, waitlist, alternatives }.into()
        }
        (Err(error), _) | (_, Err(error)) => error,
    }
}

async fn lines_up(tx: &mut Tx, resource: ResourceId) -> Result<bool> {
    let org = tx.org()?;
    Ok(sqlx::query_scalar!(
        r#"select queue_discipline <> 'none' as "lined!" from resources where org_id = $1 and id = $2"#,
        org.0,
        resource.0
    )
    .fetch_one(tx.conn())
    .await?)
}

/// Lines written down without being taken; a named unit keeps its name.
pub(super) async fn written_down(tx: &mut Tx, wanted: &[Wanted]) -> Result<Vec<Given>> {
    let org = tx.org()?;
    let mut wishes = Vec::new();
    for line in wanted {
        let unit = match line.unit {
            None => None,
            Some(id) => Some(
                sqlx::query_as!(
                    Unit,
                    r#"select id as "id: UnitId", label from units where org_id = $1 and id = $2"#,
                    org.0,
                    id.0
                )
                .fetch_one(tx.conn())
                .await?,
            ),
        };
        let pinned = unit.is_some();
        wishes.extend((0..line.quantity).map(|_| Given { resource: line.resource, unit: unit.clone(), pinned }));
    }
    Ok(wishes)
}

/// Writes the units of a booking, in place of those it had.
pub(super) async fn write(tx: &mut Tx, booking: BookingId, given: &[Given]) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!("delete from booking_items where org_id = $1 and booking_id = $2", org.0, booking.0)
        .execute(tx.conn())
        .await?;
    write_first(tx, booking, given).await
}

/// Writes the units of a booking that has none yet.
pub(super) async fn write_first(tx: &mut Tx, booking: BookingId, given: &[Given]) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!(
        "insert into booking_items (org_id, id, booking_id, resource_id, unit_id, unit_label, pinned)
         select $1, item.id, $2, item.resource_id, item.unit_id, item.label, item.pinned
         from unnest($3::uuid[], $4::uuid[], $5::uuid[], $6::text[], $7::boolean[])
              as item (id, resource_id, unit_id, label, pinned)",
        org.0,
        booking.0,
        &given.iter().map(|_| ItemId::new().into()).collect::<Vec<Uuid>>(),
        &given.iter().map(|item| item.resource.into()).collect::<Vec<Uuid>>(),
        &given.iter().map(|item| item.unit.as_ref().map(|unit| unit.id.into())).collect::<Vec<Option<Uuid>>>()
            as &[Option<Uuid>],
        &given.iter().map(|item| item.unit.as_ref().map(|unit| unit.label.clone())).collect::<Vec<_>>()
            as &[Option<String>],
        &given.iter().map(|item| item.pinned).collect::<Vec<_>>()
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Claims the given units for a booking: the database has the last word.
pub(super) async fn claim(tx: &mut Tx, booking: &Booking, given: &[Given]) -> Result<()> {
    let held: Vec<Unit> = given.iter().filter_map(|item| item.unit.clone()).collect();
    let requested = i64::from(booking.quantity);
    let refusal = if booking.kind == Kind::Trip {
        Refusal::NotEnoughFree { available: 0, requested }
    } else {
        Refusal::Taken { available: 0, requested, resource: booking.resource, waitlist: None, alternatives: Vec::new() }
    };
    units::claim(tx, &held, claimed(booking), "booking", booking.id.into(), refusal).await
}
