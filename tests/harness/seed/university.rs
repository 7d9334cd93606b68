//! A university that lends cameras and microphones to its students: staff agree, hand out, take back.

use super::{Sower, facts};
use domain::{
    error::Result,
    ids::SiteId,
    inventory::{Condition, Kind, resources::Location, units::NewUnit},
};
use serde_json::json;

pub const SLUG: &str = "universite";

pub async fn sow(sower: &mut Sower) -> Result<()> {
    sower.organization(SLUG, "Université de Cocody", "Aïcha Diallo", "student").await?;
    for (login, name, role) in [
        ("pret", "Ali Traoré", "staff"),
        ("audiovisuel", "Béatrice N'Guessan", "staff"),
        ("aminata", "Aminata Cissé", "student"),
        ("yves", "Yves Kouadio", "student"),
        ("rokia", "Rokia Sanogo", "student"),
        ("jean", "Jean Ouattara", "student"),
    ] {
        sower.person(SLUG, login, name, role).await?;
    }
    for tag in ["Vidéo", "Photo", "Audio"] {
        sower.tag(tag).await?;
    }
    // at most two weeks, three loans at once; half an hour late is forgiven, then every hour costs
    let rules = json!({ "approval": "staff", "grid_minutes": 1, "max_minutes": 20_160, "horizon_days": 90,
                        "max_active_bookings": 3, "hand_over": true, "release_after_minutes": 120,
                        "no_show": { "penalty_points": 2 }, "blocked_from_penalty_points": 10,
                        "late_return": { "grace_minutes": 30, "penalty_points": 3, "fine_per_hour": 500, "fine_most": 20_000 } });
    sower.standard_policy("Prêt de matériel", Kind::Equipment, rules).await?;
    let campus = sower.site("Campus de Cocody", "Boulevard de l'Université, Abidjan", (5.3464, -3.9852)).await?;
    for (name, about, tag, prefix, copies) in [
        ("Caméra Sony FX6", "Deux batteries, chargeur, carte 160 Go", "Vidéo", "CAM", 3),
        ("Caméra Canon XA60", "Sac, batterie, carte 64 Go", "Vidéo", "CXA", 4),
        ("Appareil Canon R6", "Objectif 24-105", "Photo", "PHO", 2),
        ("Micro Rode NTG5", "Perche et bonnette", "Audio", "MIC", 5),
        ("Micro-cravate Sennheiser EW-D", "Émetteur et récepteur", "Audio", "HFM", 6),
    ] {
        lent(sower, campus, name, about, tag, prefix, copies).await?;
    }
    Ok(())
}

async fn lent(
    sower: &mut Sower,
    campus: SiteId,
    name: &str,
    about: &str,
    tag: &str,
    prefix: &str,
    copies: u16,
) -> Result<()> {
    let mut thing = facts(name, campus, about, &[tag]);
    thing.location =
        Location { building: Some("Audiovisuel".into()), floor: Some("0".into()), room: Some("012".into()) };
    let copies = (1..=copies).map(|number| copy(prefix, number)).collect();
    sower.resource(Kind::Equipment, thing, copies).await
}

fn copy(prefix: &str, number: u16) -> NewUnit {
    let mut copy = NewUnit::labelled(number.to_string());
    copy.barcode = Some(format!("{prefix}-{number:04}"));
    copy.condition = Some(if number == 1 { Condition::Worn } else { Condition::Good });
    copy
}
