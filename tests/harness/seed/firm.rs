//! Kora Conseil: a firm on three sites in three countries, with departments, rooms, cars and equipment.

use super::{Sower, facts};
use domain::{
    error::Result,
    ids::SiteId,
    inventory::{
        Discipline, Kind,
        resources::{Location, Price, PriceUnit},
        units::NewUnit,
    },
    money::{Currency, Money},
};
use serde_json::json;

pub const SLUG: &str = "kora";

pub async fn sow(sower: &mut Sower) -> Result<()> {
    sower.organization(SLUG, "Kora Conseil", "Nafissatou Ba", "member").await?;
    sower.adopt("rooms", SLUG).await?;
    let paris =
        sower.site_in("Campus Paris", "123 rue de la Paix, 75000 Paris", (48.8692, 2.3317), "Europe/Paris").await?;
    let abidjan = sower.site("Tour Abidjan", "Avenue Lamblin, Plateau, Abidjan", (5.3204, -4.0161)).await?;
    let dakar = sower.site_in("Bureau Dakar", "Rue Carnot, Dakar", (14.6708, -17.4381), "Africa/Dakar").await?;
    for (login, name, role) in [
        ("direction", "Moussa Keita", "manager"),
        ("accueil", "Claire Martin", "manager"),
        ("awa", "Awa Diop", "employe"),
        ("paul", "Paul Bernard", "employe"),
        ("ines", "Inès Traoré", "employe"),
    ] {
        sower.person(SLUG, login, name, role).await?;
    }
    // a quarter of an hour is the grid, two hours before the start it is too late to give up, nobody is in two rooms
    let rules = json!({ "cancellation": [{ "before_minutes": 120, "allowed": false }], "allow_own_overlap": false });
    sower.standard_policy("Salles de réunion", Kind::Room, rules).await?;
    for (name, site, budget) in
        [("Conseil", paris, 4_000_000), ("Études", abidjan, 2_500_000), ("Support", dakar, 900_000)]
    {
        sower.department(SLUG, name, site, "direction", budget).await?;
    }
    for (site, place, prefix) in
        [(paris, "Bâtiment A", "Paris"), (abidjan, "Tour", "Abidjan"), (dakar, "Carnot", "Dakar")]
    {
        rooms(sower, site, place, prefix).await?;
    }
    let mut car = facts("Toyota Corolla", abidjan, "Boîte automatique, cinq places", &[]);
    car.capacity = Some(5);
    sower.resource(Kind::Vehicle, car, vec![NewUnit::labelled("1234 HR 01".to_owned())]).await?;
    let mut screen = facts("Vidéoprojecteur mobile", paris, "Avec câbles HDMI et USB-C", &[]);
    screen.features = vec!["projecteur".into()];
    sower.resource(Kind::Equipment, screen, (1..=3).map(|n| NewUnit::labelled(n.to_string())).collect()).await
}

async fn rooms(sower: &mut Sower, site: SiteId, building: &str, prefix: &str) -> Result<()> {
    for (name, floor, number, people, features, hourly) in [
        ("Baobab", "1", "101", 10, vec!["projecteur", "tableau blanc"], Some(15_000)),
        ("Fromager", "1", "102", 4, vec!["tableau blanc"], None),
        ("Iroko", "2", "201", 24, vec!["projecteur", "visioconférence"], Some(40_000)),
    ] {
        let mut room = facts(&format!("{prefix} {name}"), site, "Salle de réunion", &[]);
        room.capacity = Some(people);
        room.features = features.into_iter().map(str::to_owned).collect();
        room.features.sort();
        room.location =
            Location { building: Some(building.into()), floor: Some(floor.into()), room: Some(number.into()) };
        room.queue_discipline = Discipline::Fifo;
        room.price =
            hourly.map(|amount| Price { per: PriceUnit::Hour, money: Money { amount, currency: Currency::Xof } });
        sower.resource(Kind::Room, room, vec![NewUnit::labelled("1".to_owned())]).await?;
    }
    Ok(())
}
