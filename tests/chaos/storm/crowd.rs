//! People who all want the same, each on a connection of their own: they book, move, give up, wait, answer; staff agree
//! or do not, keepers take bays away and bring them back.

use super::{Places, Told, places::Hours};
use crate::{client::Client, luck::Luck, stage::Stage};
use futures::{FutureExt, StreamExt, future::join_all, stream};
use harness::{Answer, Person, TestApp, Thing};
use serde_json::{Value, json};
use std::{
    panic::AssertUnwindSafe,
    sync::{
        Mutex,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

const CLIENTS: usize = 64;
/// What a client may hear instead of a yes.
const REFUSALS: [u16; 7] = [400, 403, 404, 409, 410, 412, 422];

/// Everybody, and what they have been told so far.
pub struct Crowd<'a> {
    app: &'a TestApp,
    pub client: Client<'a>,
    places: &'a Places,
    pub told: Told,
    staff: Person,
    keeper: Person,
    /// Bookings that wait for staff.
    pending: Mutex<Vec<String>>,
    left: AtomicI64,
}

/// What one of them has at hand.
#[derive(Default)]
struct Hand {
    /// Bookings, and the tag each was last seen with.
    bookings: Vec<(String, String)>,
    entries: Vec<String>,
    series: Vec<String>,
}

impl<'a> Crowd<'a> {
    pub async fn gather(stage: &'a Stage, doors: Vec<String>, places: &'a Places, rounds: u64) -> Self {
        let app = &stage.app;
        Self {
            app,
            client: Client::new(app, doors),
            places,
            told: Told::default(),
            staff: app.person("Kone", &["staff"]).await,
            keeper: app.keeper().await,
            pending: Mutex::default(),
            left: AtomicI64::new(i64::try_from(rounds).unwrap()),
        }
    }

    /// Everybody at once, until all rounds are played.
    pub async fn rage(&self, luck: &mut Luck) {
        let people: Vec<_> = stream::iter(0..CLIENTS).map(|_| self.app.rider()).buffer_unordered(8).collect().await;
        join_all(people.into_iter().map(|person| self.one(person, luck.apart()))).await;
    }

    async fn one(&self, person: Person, mut luck: Luck) {
        let mut hand = Hand::default();
        while self.left.fetch_sub(1, Ordering::Relaxed) > 0 {
            let by = self.fresh(&person);
            if AssertUnwindSafe(self.round(&by, &mut hand, &mut luck)).catch_unwind().await.is_err() {
                self.told.trouble("a client could not go on");
            }
        }
    }

    /// Access lasts a quarter of an hour, a storm may last longer.
    fn fresh(&self, person: &Person) -> Person {
        Person { token: self.app.api.tokens.issue(person.id, person.session).unwrap(), ..person.clone() }
    }

    async fn round(&self, by: &Person, hand: &mut Hand, luck: &mut Luck) {
        match luck.below(100) {
            0..32 => self.book(by, hand, luck).await,
            32..40 => {
                let thing = self.places.any(luck);
                let mut body = self.places.half_day(luck);
                body["unit_id"] = self.places.unit(thing, luck).into();
                self.place(by, hand, &body).await;
            }
            40..46 => self.book_two(by, hand, luck).await,
            46..50 => self.book_again_and_again(by, hand, luck).await,
            50..59 => self.cancel(by, hand, luck).await,
            59..68 => self.reschedule(by, hand, luck).await,
            68..75 => self.decide(luck).await,
            75..76 => self.give_up_series(by, hand, luck).await,
            76..82 => self.wait(by, hand, self.places.any(luck), self.places.hours(luck), quantity(luck)).await,
            82..97 => self.look(by, hand, luck).await,
            97..99 => self.close(luck).await,
            _ => self.take_away(luck).await,
        }
    }

    /// A yes, or a refusal that is counted; anything else is a trouble.
    fn heard(&self, answer: Answer) -> Option<Answer> {
        match answer.status {
            200 | 201 => return Some(answer),
            status if REFUSALS.contains(&status) => count(&self.told.refused),
            status => self.told.trouble(&format!("{status}: {}", answer.body)),
        }
        None
    }

    async fn book(&self, by: &Person, hand: &mut Hand, luck: &mut Luck) {
        let (thing, hours, wanted) = (self.places.any(luck), self.places.hours(luck), quantity(luck));
        let mut body = json!({ "start_at": hours.start_at, "end_at": hours.end_at });
        if wanted == 1 && luck.percent(50) {
            body["unit_id"] = self.places.unit(thing, luck).into();
        } else {
            body["resource_id"] = thing.id.clone().into();
            body["quantity"] = wanted.into();
        }
        if !self.place(by, hand, &body).await && luck.percent(40) {
            self.wait(by, hand, thing, hours, wanted).await;
        }
    }

    async fn book_two(&self, by: &Person, hand: &mut Hand, luck: &mut Luck) {
        let (pair, hours) = (self.places.pair(luck), self.places.hours(luck));
        let items = pair.map(|thing| json!({ "resource_id": thing.id, "quantity": quantity(luck).min(2) }));
        let body = json!({ "items": items, "start_at": hours.start_at, "end_at": hours.end_at });
        self.place(by, hand, &body).await;
    }

    /// The same hours on every day there is; what is taken fails it, is left out, or waits.
    async fn book_again_and_again(&self, by: &Person, hand: &mut Hand, luck: &mut Luck) {
        let mut body = self.places.every_day(luck);
        body["resource_id"] = self.places.any(luck).id.clone().into();
        let Some(made) = self.heard(self.client.post(by, "/booking-series", &body).await) else { return };
        count(&self.told.series);
        hand.series.push(made.text("/id"));
        for date in made.data("/occurrences").as_array().into_iter().flatten() {
            let Some(booking) = date["booking_id"].as_str() else { continue };
            if date["state"] == "waiting" {
                self.told.waits(booking, date);
            } else {
                let shown = self.client.get(by, &format!("/bookings/{booking}")).await;
                self.keep(hand, &shown.expect(200));
            }
        }
    }

    async fn give_up_series(&self, by: &Person, hand: &mut Hand, luck: &mut Luck) {
        let Some(id) = drawn(&mut hand.series, luck) else { return };
        self.heard(self.client.post(by, &format!("/booking-series/{id}/cancel"), &json!({})).await);
    }

    async fn place(&self, by: &Person, hand: &mut Hand, body: &Value) -> bool {
        let Some(placed) = self.heard(self.client.post(by, "/bookings", body).await) else { return false };
        count(&self.told.placed);
        self.keep(hand, &placed);
        true
    }

    /// Notes a booking that is one's own.
    fn keep(&self, hand: &mut Hand, shown: &Answer) {
        self.told.booking(shown);
        let id = shown.text("/id");
        if shown.text("/status") == "pending" {
            self.pending.lock().unwrap().push(id.clone());
        }
        hand.bookings.push((id, shown.header("etag").unwrap_or_default().to_owned()));
    }

    async fn cancel(&self, by: &Person, hand: &mut Hand, luck: &mut Luck) {
        let Some((id, _)) = drawn(&mut hand.bookings, luck) else { return };
        if let Some(gone) = self.heard(self.client.post(by, &format!("/bookings/{id}/cancel"), &json!({})).await) {
            self.told.booking(&gone);
        }
    }

    async fn reschedule(&self, by: &Person, hand: &mut Hand, luck: &mut Luck) {
        let Some((id, seen)) = drawn(&mut hand.bookings, luck) else { return };
        let hours = self.places.hours(luck);
        let patch = match luck.below(4) {
            0 => json!({ "quantity": quantity(luck) }),
            1 => self.places.half_day(luck),
            _ => json!({ "start_at": hours.start_at, "end_at": hours.end_at }),
        };
        match self.heard(self.client.change(by, &format!("/bookings/{id}"), &seen, &patch).await) {
            Some(moved) => self.keep(hand, &moved),
            None => hand.bookings.push((id, seen)),
        }
    }

    /// Staff agree or refuse; often somebody else just did.
    async fn decide(&self, luck: &mut Luck) {
        let id = {
            let mut pending = self.pending.lock().unwrap();
            let again = luck.percent(30);
            let Some(id) = drawn(&mut pending, luck) else { return };
            if again {
                pending.push(id.clone());
            }
            id
        };
        let step = if luck.percent(60) { "approve" } else { "reject" };
        let staff = self.fresh(&self.staff);
        if let Some(decided) = self.heard(self.client.post(&staff, &format!("/bookings/{id}/{step}"), &json!({})).await)
        {
            self.told.booking(&decided);
        }
    }

    async fn wait(&self, by: &Person, hand: &mut Hand, thing: &Thing, hours: Hours, quantity: i64) {
        let wish = json!({ "resource_id": thing.id, "start_at": hours.start_at, "end_at": hours.end_at, "quantity": quantity });
        let Some(joined) = self.heard(self.client.post(by, "/waitlist", &wish).await) else { return };
        count(&self.told.joined);
        self.told.waits(&joined.text("/booking_id"), &joined.data(""));
        hand.entries.push(joined.text("/id"));
    }

    /// Looks where one stands; takes what is offered, declines it, or lets it run out.
    async fn look(&self, by: &Person, hand: &mut Hand, luck: &mut Luck) {
        let Some(id) = drawn(&mut hand.entries, luck) else { return };
        let path = format!("/waitlist/{id}");
        let Some(shown) = self.heard(self.client.get(by, &path).await) else { return };
        let (status, draw) = (shown.text("/status"), luck.below(100));
        match (status.as_str(), draw) {
            ("offered", 0..55) => {
                let accepted = self.client.post(by, &format!("{path}/accept"), &json!({})).await;
                let booking = shown.text("/booking_id");
                self.accept(by, hand, &id, accepted, &booking).await;
            }
            ("offered", 55..75) => {
                let declined = self.client.post(by, &format!("{path}/decline"), &json!({})).await;
                self.end(&id, "declined", declined);
            }
            ("waiting", 0..10) => {
                let left = self.client.remove(by, &path).await;
                self.end(&id, "cancelled", left);
            }
            ("waiting" | "offered", _) => hand.entries.push(id),
            _ => {}
        }
    }

    async fn accept(&self, by: &Person, hand: &mut Hand, id: &str, answer: Answer, booking: &str) {
        if self.end(id, "accepted", answer) {
            count(&self.told.accepted);
            let booked = self.client.get(by, &format!("/bookings/{booking}")).await;
            self.keep(hand, &booked.expect(200));
        }
    }

    /// A yes ends a place in a line.
    fn end(&self, id: &str, how: &str, answer: Answer) -> bool {
        let yes = self.heard(answer).is_some();
        if yes {
            self.told.ended(id, how);
        }
        yes
    }

    /// A bay is closed for some hours, whoever booked it gets another one or goes, and it is opened again.
    async fn close(&self, luck: &mut Luck) {
        let (thing, hours) = (self.places.any(luck), self.places.hours(luck));
        let mut body = json!({ "kind": "maintenance", "unit_id": self.places.unit(thing, luck),
                               "start_at": hours.start_at, "end_at": hours.end_at });
        if luck.percent(60) {
            body["on_bookings"] = "cancel".into();
        }
        let (keeper, staff) = (self.fresh(&self.keeper), self.fresh(&self.staff));
        let path = format!("/resources/{}/closures", thing.id);
        let Some(closed) = self.heard(self.client.post(&keeper, &path, &body).await) else { return };
        count(&self.told.closed);
        for moved in closed.data("/moved").as_array().into_iter().flatten() {
            let id = moved["id"].as_str().unwrap_or_default();
            self.told.booking(&self.client.get(&staff, &format!("/bookings/{id}")).await.expect(200));
        }
        tokio::time::sleep(luck.millis(10, 200)).await;
        self.client.remove(&keeper, &format!("/closures/{}", closed.text("/id"))).await.expect(200);
    }

    /// A bay is taken away, with or against its bookings, and brought back.
    async fn take_away(&self, luck: &mut Luck) {
        let thing = self.places.any(luck);
        let unit = self.places.unit(thing, luck);
        let force = if luck.percent(40) { "?force=cancel" } else { "" };
        let keeper = self.fresh(&self.keeper);
        if self.heard(self.client.remove(&keeper, &format!("/units/{unit}{force}")).await).is_none() {
            return;
        }
        tokio::time::sleep(luck.millis(10, 200)).await;
        self.client.post(&keeper, &format!("/units/{unit}/restore"), &json!({})).await.expect(200);
    }
}

/// Mostly one.
fn quantity(luck: &mut Luck) -> i64 {
    match luck.below(10) {
        0 => 3,
        1 | 2 => 2,
        _ => 1,
    }
}

/// One of them, taken out.
fn drawn<T>(from: &mut Vec<T>, luck: &mut Luck) -> Option<T> {
    let many = u64::try_from(from.len()).ok().filter(|many| *many > 0)?;
    Some(from.swap_remove(usize::try_from(luck.below(many)).ok()?))
}

fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
