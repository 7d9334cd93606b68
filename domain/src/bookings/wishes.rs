//! What somebody asks for: named units, or so many of a resource (G3, CX47).

use crate::{db::Tx, error::Result, ids::*, refusals::Refusal};
use std::collections::BTreeSet;

/// The most units one booking may hold, whatever the policy says.
pub(super) const MOST_UNITS: i32 = 60;

/// One line of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Any so many units of a resource.
    Some(ResourceId, i32),
    /// This very unit.
    Unit(UnitId),
}

/// A line whose resource is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Wanted {
    pub resource: ResourceId,
    pub quantity: i32,
    pub unit: Option<UnitId>,
}

/// The lines with their resources.
///
/// # Errors
/// [`Refusal::Invalid`] for too many or a unit named twice, [`Refusal::NotFound`] for an unknown or removed unit,
/// [`Refusal::StateConflict`] for one that is out of service.
pub(super) async fn known(tx: &mut Tx, wishes: &[Wish]) -> Result<Vec<Wanted>> {
    check(wishes)?;
    let named: Vec<uuid::Uuid> = wishes.iter().filter_map(|wish| wish.unit()).map(|unit| unit.0).collect();
    let units = if named.is_empty() { Vec::new() } else { units(tx, &named).await? };
    let mut wanted = Vec::with_capacity(wishes.len());
    for wish in wishes {
        wanted.push(match *wish {
            Wish::Some(resource, quantity) => Wanted { resource, quantity, unit: None },
            Wish::Unit(id) => {
                let (_, resource, status) = units.iter().find(|(unit, ..)| *unit == id).ok_or(Refusal::NotFound)?;
                if status != "active" {
                    return Err(Refusal::StateConflict { status: status.clone() }.into());
                }
                Wanted { resource: *resource, quantity: 1, unit: Some(id) }
            }
        });
    }
    Ok(wanted)
}

impl Wish {
    fn unit(self) -> Option<UnitId> {
        match self {
            Self::Unit(unit) => Some(unit),
            Self::Some(..) => None,
        }
    }

    fn quantity(self) -> i32 {
        match self {
            Self::Unit(_) => 1,
            Self::Some(_, quantity) => quantity,
        }
    }
}

pub(super) fn check(wishes: &[Wish]) -> Result<()> {
    let most = usize::try_from(MOST_UNITS).unwrap_or_default();
    if wishes.is_empty() || wishes.len() > most {
        return Err(Refusal::invalid("items", format!("must be 1 to {MOST_UNITS}")).into());
    }
    if wishes.iter().any(|wish| !(1..=MOST_UNITS).contains(&wish.quantity())) {
        return Err(Refusal::invalid("quantity", format!("must be between 1 and {MOST_UNITS}")).into());
    }
    if wishes.iter().map(|wish| wish.quantity()).sum::<i32>() > MOST_UNITS {
        return Err(Refusal::invalid("items", format!("must be at most {MOST_UNITS} units together")).into());
    }
    let named: Vec<UnitId> = wishes.iter().filter_map(|wish| wish.unit()).collect();
    if named.iter().collect::<BTreeSet<_>>().len() < named.len() {
        return Err(Refusal::invalid("items", "names a unit twice").into());
    }
    Ok(())
}

async fn units(tx: &mut Tx, ids: &[uuid::Uuid]) -> Result<Vec<(UnitId, ResourceId, String)>> {
    let org = tx.org()?;
    let rows = sqlx::query!(
        r#"select id as "id: UnitId", resource_id as "resource: ResourceId", status from units
           where org_id = $1 and id = any($2) and deleted_at is null"#,
        org.0,
        ids
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.resource, row.status)).collect())
}

/// The resources of these lines, each once, in the order of the lines.
pub(super) fn resources(wanted: &[Wanted]) -> Vec<ResourceId> {
    let mut ids: Vec<ResourceId> = Vec::new();
    for line in wanted {
        if !ids.contains(&line.resource) {
            ids.push(line.resource);
        }
    }
    ids
}

/// How many units these lines ask for.
pub(super) fn quantity(wanted: &[Wanted]) -> i32 {
    wanted.iter().map(|line| line.quantity).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_bounded_and_names_each_unit_once() {
        let (room, unit) = (ResourceId::new(), UnitId::new());
        assert!(check(&[Wish::Some(room, 59), Wish::Unit(unit)]).is_ok());
        for wrong in [
            vec![],
            vec![Wish::Some(room, 0)],
            vec![Wish::Some(room, -1)],
            vec![Wish::Some(room, 61)],
            vec![Wish::Some(room, 60), Wish::Unit(unit)],
            vec![Wish::Unit(unit), Wish::Unit(unit)],
            vec![Wish::Some(room, 1); 61],
        ] {
            assert!(check(&wrong).is_err(), "{} lines", wrong.len());
        }
    }
}
