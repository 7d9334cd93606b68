//! FlexPark: two sites, a car park on each, bays in rows, some with a charger, some wide.

use super::{Sower, facts};
use domain::{
    error::Result,
    ids::SiteId,
    inventory::{
        Kind,
        resources::Location,
        units::{NewUnit, Position},
    },
};
use serde_json::json;

pub const SLUG: &str = "flexpark";

pub async fn sow(sower: &mut Sower) -> Result<()> {
    sower.organization(SLUG, "FlexPark SA", "Mariam Touré", "employee").await?;
    for (login, name, role) in [
        ("gestion", "Ibrahim Konan", "manager"),
        ("awa", "Awa Koné", "employee"),
        ("koffi", "Koffi Yao", "employee"),
        ("fatou", "Fatou Bamba", "employee"),
        ("serge", "Serge Aka", "employee"),
    ] {
        sower.person(SLUG, login, name, role).await?;
    }
    // half days without asking anybody; who lets a bay stand empty hears of it
    let rules = json!({ "min_minutes": 60, "max_minutes": 720, "horizon_days": 30, "max_active_bookings": 5,
                        "allow_own_overlap": false, "no_show": { "penalty_points": 1 } });
    sower.standard_policy("Places de parking", Kind::Parking, rules).await?;
    let plateau = sower.site("Siège Plateau", "12 avenue Chardy, Abidjan", (5.3237, -4.0195)).await?;
    let marcory = sower.site("Annexe Marcory", "Boulevard de Marseille, Abidjan", (5.2999, -3.9833)).await?;
    car_park(sower, plateau, "Parking du siège", "-1", 'P', 24).await?;
    car_park(sower, marcory, "Parking de l'annexe", "0", 'M', 12).await
}

async fn car_park(sower: &mut Sower, site: SiteId, name: &str, floor: &str, row: char, bays: u16) -> Result<()> {
    let mut park = facts(name, site, "Badge à l'entrée", &[]);
    park.location = Location { floor: Some(floor.into()), ..Location::default() };
    park.features = vec!["éclairé".into()];
    let bays = (1..=bays).map(|number| bay(row, number)).collect();
    sower.resource(Kind::Parking, park, bays).await
}

/// Twelve to a row, 2.5 m wide; the first two of a car park are wide, the next three have a charger.
fn bay(row: char, number: u16) -> NewUnit {
    let mut bay = NewUnit::labelled(format!("{row}-{number:02}"));
    let (column, line) = ((number - 1) % 12, (number - 1) / 12);
    bay.position = Some(Position { x: f64::from(column) * 2.5, y: f64::from(line) * 11.0 });
    bay.features = match number {
        1 | 2 => vec!["pmr".into()],
        3..=5 => vec!["borne".into()],
        _ => Vec::new(),
    };
    bay
}
