//! Everything known of a unit (E2, E4, SN22, SN43).

use crate::{
    db::Tx,
    error::Result,
    ids::*,
    inventory::{Condition, Service, checks, resources},
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The farthest a unit may lie from the origin of its plan, in whatever the drawing measures.
const FARTHEST: f64 = 1_000_000.0;

/// Everything about a unit that its keepers may change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewUnit {
    /// What people call it: a bay's number, a copy's. 1 to 60 characters, once in its resource.
    pub label: String,
    /// What a reader reads on it, once in the organization.
    pub barcode: Option<String>,
    /// How it looks.
    pub condition: Option<Condition>,
    /// Whether it can be booked.
    pub status: Service,
    /// Where it lies on the plan of its site.
    pub position: Option<Position>,
    /// What it has beyond its resource: a charger, more room.
    pub features: Vec<String>,
}

impl NewUnit {
    /// A sound unit of which only the name is known.
    #[must_use]
    pub fn labelled(label: impl Into<String>) -> Self {
        let label = label.into();
        Self { label, barcode: None, condition: None, status: Service::Active, position: None, features: Vec::new() }
    }

    /// The facts as they are stored: trimmed, in order, within their bounds.
    pub(super) fn checked(mut self) -> Result<Self> {
        self.label = checks::label("label", &self.label, 60)?;
        self.barcode = checks::maybe_label("barcode", self.barcode, 100)?;
        self.features = checks::features("features", &self.features)?;
        if let Some(Position { x, y }) = self.position
            && ![x, y].iter().all(|axis| axis.abs() <= FARTHEST)
        {
            return Err(Refusal::invalid("position", format!("each at most {FARTHEST} either way")).into());
        }
        Ok(self)
    }
}

/// A point on the plan of a site.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// To the right of its left edge.
    pub x: f64,
    /// Below its upper edge.
    pub y: f64,
}

/// A unit as its keepers see it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct UnitSheet {
    /// Its id.
    pub id: UnitId,
    /// Of which resource.
    pub resource: ResourceId,
    /// What is known of it.
    #[serde(flatten)]
    pub facts: NewUnit,
    /// For `ETag` and `If-Match`.
    pub version: i32,
    /// When it came into being.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub updated_at: DateTime<Utc>,
    /// When it was removed.
    pub deleted_at: Option<DateTime<Utc>>,
}

/// One unit that is there, of a resource that is offered.
///
/// # Errors
/// [`Refusal::NotFound`].
pub async fn find(tx: &mut Tx, id: UnitId) -> Result<UnitSheet> {
    let unit = read(tx, id).await?;
    resources::find(tx, unit.resource).await?;
    if unit.deleted_at.is_some() { Err(Refusal::NotFound.into()) } else { Ok(unit) }
}

/// Locks the resource of a unit, then reads the unit, removed or not. A ride's seats are not found.
pub(super) async fn lock(tx: &mut Tx, id: UnitId) -> Result<UnitSheet> {
    let resource = read(tx, id).await?.resource;
    let resource = resources::lock(tx, resource).await?;
    if resource.deleted_at.is_some() {
        return Err(Refusal::NotFound.into());
    }
    read(tx, id).await
}

pub(super) async fn read(tx: &mut Tx, id: UnitId) -> Result<UnitSheet> {
    let org = tx.org()?;
    let row = sqlx::query!(
        r#"select id as "id: UnitId", resource_id as "resource: ResourceId", label, barcode,
                  condition as "condition: Condition", status as "status: Service", position_x, position_y, features,
                  version, created_at, updated_at, deleted_at
           from units where org_id = $1 and id = $2"#,
        org.0,
        id.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Refusal::NotFound)?;
    let facts = NewUnit {
        label: row.label,
        barcode: row.barcode,
        condition: row.condition,
        status: row.status,
        position: row.position_x.zip(row.position_y).map(|(x, y)| Position { x, y }),
        features: row.features,
    };
    Ok(UnitSheet {
        id: row.id,
        resource: row.resource,
        facts,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
        deleted_at: row.deleted_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_lies_on_its_plan() {
        let at = |x: f64| NewUnit { position: Some(Position { x, y: 0.0 }), ..NewUnit::labelled("B-12") };
        assert!(at(12.5).checked().is_ok());
        for wrong in [f64::NAN, f64::INFINITY, 1e7] {
            assert!(at(wrong).checked().is_err(), "{wrong}");
        }
        assert!(NewUnit::labelled(" ").checked().is_err());
    }
}
