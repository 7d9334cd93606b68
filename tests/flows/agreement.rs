//! A booking succeeds if and only if nothing stands against it when asked (★9): random policies, hours, closures, people
//! and times, many of them around changes of clocks.

use chrono::{Days, NaiveDate};
use harness::{Person, TestApp, Thing};
use reqwest::Method;
use serde_json::{Value, json};

/// Luck that can be repeated: a multiplicative generator.
struct Luck(u64);

impl Luck {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % most
    }

    fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
        let at = self.below(all.len() as u64);
        all[usize::try_from(at).unwrap()].clone()
    }
}

/// Zones and a day around which their clocks change.
const ZONES: [(&str, &str); 5] = [
    ("Europe/Paris", "2027-03-28"),
    ("America/Havana", "2027-11-07"),
    ("Australia/Lord_Howe", "2027-04-04"),
    ("Africa/Casablanca", "2027-03-14"),
    ("Asia/Kathmandu", "2027-01-15"),
];

fn rules(luck: &mut Luck) -> Value {
    json!({
        "grid_minutes": luck.one_of(&[1, 15, 30, 60]), "grid_mode": luck.one_of(&["refuse", "round_out"]),
        "min_minutes": luck.one_of(&[15, 30, 60]), "max_minutes": luck.one_of(&[120, 480, 1_440]),
        "lead_minutes": luck.one_of(&[0, 60]), "horizon_days": luck.one_of(&[300, 730]),
        "buffer_before_minutes": luck.one_of(&[0, 0, 15]), "buffer_after_minutes": luck.one_of(&[0, 0, 30]),
        "max_units": luck.one_of(&[json!(null), json!(1)]), "allow_own_overlap": luck.one_of(&[true, true, false]),
        "max_active_bookings": luck.one_of(&[json!(null), json!(null), json!(4)]),
        "approval": luck.one_of(&["none", "none", "staff"]),
        "eligible_roles": luck.one_of(&[json!([]), json!([]), json!(["driver"])]),
        "reserved_features": luck.one_of(&[json!({}), json!({ "wide": ["driver"] })])
    })
}

struct Place {
    thing: Thing,
    day: NaiveDate,
}

async fn furnish(app: &TestApp, keeper: &Person, luck: &mut Luck) -> Vec<Place> {
    let mut places = Vec::new();
    for (number, (zone, day)) in ZONES.iter().cycle().take(10).enumerate() {
        let kind = luck.one_of(&["room", "parking", "equipment"]);
        let thing = app.thing_at(Some(zone), kind, &format!("Thing {number}"), &["1", "2"], rules(luck)).await;
        sqlx::query("update units set features = '{wide}' where id = $1::uuid")
            .bind(&thing.units[0])
            .execute(&app.owner)
            .await
            .unwrap();
        let day: NaiveDate = day.parse().unwrap();
        if luck.below(2) == 0 {
            let intervals = [("00:00", "24:00"), ("08:00", "20:00"), ("22:00", "06:00"), ("00:30", "02:30")];
            let week: Vec<Value> = (1..=7)
                .map(|weekday| {
                    let (opens, closes) = luck.one_of(&intervals);
                    json!({ "weekday": weekday, "opens": opens, "closes": closes })
                })
                .collect();
            let days = luck.one_of(&[json!([]), json!([{ "day": day, "hours": [] }])]);
            let path = format!("/resources/{}/opening-hours", thing.id);
            app.ask(Method::PUT, &path)
                .by(keeper)
                .json(&json!({ "weekly": week, "days": days }))
                .send()
                .await
                .expect(200);
        }
        if luck.below(2) == 0 {
            let body = json!({ "kind": "event", "unit_id": luck.one_of(&thing.units), "start_at": format!("{}T10:00", day - Days::new(1)),
                               "end_at": format!("{}T12:00", day - Days::new(1)), "repeats": "daily", "until": day + Days::new(2) });
            app.post(keeper, &format!("/resources/{}/closures", thing.id), &body).await.expect(201);
        }
        places.push(Place { thing, day });
    }
    places
}

/// A time in the words of a client: on local clocks, in UTC, with an offset, or a named part of the day.
fn when(luck: &mut Luck, day: NaiveDate) -> Vec<(&'static str, String)> {
    let day = day + Days::new(luck.below(3)) - Days::new(1);
    if luck.below(6) == 0 {
        return vec![("date", day.to_string()), ("period", luck.one_of(&["morning", "afternoon", "day"]).to_owned())];
    }
    let start = luck.below(96) * 15 + luck.one_of(&[0, 0, 0, 5]);
    let end = start + luck.one_of(&[0, 15, 30, 60, 90, 120, 300, 1_500]);
    let offset = luck.one_of(&["", "", "", "Z", "+01:00", "-05:00"]);
    let text = |minutes: u64| {
        let on = day + Days::new(minutes / 1_440);
        format!("{on}T{:02}:{:02}:00{offset}", minutes % 1_440 / 60, minutes % 60)
    };
    vec![("start_at", text(start)), ("end_at", text(end))]
}

#[tokio::test]
async fn a_booking_succeeds_if_and_only_if_nothing_stands_against_it() {
    let app = TestApp::start().await;
    let mut luck = Luck(20_261_128);
    let keeper = app.keeper().await;
    let people = [app.rider().await, app.rider().await, app.person("Ali", &["driver"]).await];
    let places = furnish(&app, &keeper, &mut luck).await;
    let mut heard = std::collections::BTreeMap::<String, u32>::new();
    for round in 0..120 {
        let (who, place) =
            (&people[usize::try_from(luck.below(3)).unwrap()], &places[usize::try_from(luck.below(10)).unwrap()]);
        let (when, quantity) = (when(&mut luck, place.day), luck.one_of(&[1, 1, 1, 2]));
        let query: Vec<String> =
            when.iter().map(|(name, value)| format!("{name}={}", value.replace('+', "%2B"))).collect();
        let path = format!("/availability?{}&quantity={quantity}&page_size=100", query.join("&"));
        let all = app.get(who, &format!("{path}&explain=true")).await.expect(200).data("");
        let said =
            all.as_array().unwrap().iter().find(|one| one["resource_id"] == place.thing.id.as_str()).unwrap().clone();
        let found = app.get(who, &path).await;
        let listed = found.status == 200
            && found.data("").as_array().unwrap().iter().any(|one| one["resource_id"] == place.thing.id.as_str());
        let mut body = json!({ "resource_id": place.thing.id, "quantity": quantity });
        for (name, value) in &when {
            body[*name] = json!(value);
        }
        let answer = app.ask_booking(who, &body).await;
        let context = format!("round {round}: {body}\nsaid {said}\nanswered {}", answer.body);
        assert_eq!(said["available"], answer.status == 201, "{context}");
        assert_eq!(listed, answer.status == 201, "the search differs, {context}");
        if answer.status != 201 {
            assert_eq!(said["refusal"]["code"], answer.code(), "{context}");
            assert_eq!(said["refusal"]["details"]["rule"], answer.details()["rule"], "{context}");
        }
        let rule = answer.body["error"]["details"]["rule"].as_str().map_or(answer.code(), |rule| rule).to_owned();
        *heard.entry(if answer.status == 201 { "booked".into() } else { rule }).or_default() += 1;
    }
    println!("agreement: {heard:?}");
    assert!(heard["booked"] >= 10 && heard.len() >= 6, "{heard:?}");
    app.finish().await;
}
