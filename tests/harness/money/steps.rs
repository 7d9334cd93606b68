//! What people do, one step in one commit each: whatever the object's state, for the rules decide.

use super::{Booked, Field};
use crate::luck::Luck;
use chrono::TimeDelta;
use domain::{
    bookings::{self, Authority, Cancellation, NewBooking, Proof, Wish},
    error::Result,
    ids::*,
    jobs::Payments,
    money::{Currency, Money},
    payments::{
        self, Due, NewPayment, Received, WALLET,
        provider::{News, ProviderEvent},
    },
    payouts,
    trips::{self, NewTrip, Place},
    wallet,
};
use uuid::Uuid;

/// How often each step is drawn, one against the others.
const WEIGHTS: [(&str, u64); 17] = [
    ("job", 40),
    ("book", 14),
    ("pay", 13),
    ("payer", 10),
    ("cancel", 3),
    ("code", 4),
    ("correct", 1),
    ("ride", 14),
    ("trip", 3),
    ("top_up", 2),
    ("withdraw", 1),
    ("look", 2),
    ("time", 1),
    ("by_hand", 1),
    ("trip_cancel", 1),
    ("payout_run", 1),
    ("expire", 1),
];

impl Field {
    /// Draws a step and takes it. Answers which, and what came of it.
    pub(super) async fn step(&self, luck: &mut Luck) -> (&'static str, Result<()>) {
        let mut drawn = luck.below(WEIGHTS.iter().map(|(_, weight)| weight).sum());
        let mut kind = "job";
        for (name, weight) in WEIGHTS {
            kind = name;
            match drawn.checked_sub(weight) {
                Some(rest) => drawn = rest,
                None => break,
            }
        }
        let done = match kind {
            "job" => return self.carry_any(luck).await,
            "book" => self.book(luck).await,
            "pay" => self.pay(luck).await,
            "payer" => self.payer(luck).await,
            "cancel" => self.cancel(luck).await,
            "code" => return self.use_code(luck).await,
            "correct" => self.correct(luck).await,
            "ride" => return self.ride(luck).await,
            "trip" => self.offer(luck).await,
            "top_up" => self.top_up(luck).await,
            "withdraw" => self.withdraw(luck).await,
            "look" => return self.look_at_any(luck).await,
            "time" => self.pass_time(TimeDelta::seconds(10 + i64::try_from(luck.below(170)).unwrap_or_default())).await,
            "by_hand" => self.send_by_hand(luck).await,
            "trip_cancel" => self.cancel_trip(luck).await,
            "payout_run" => self.order_payouts().await,
            _ => self.expire(luck).await,
        };
        (kind, done)
    }

    pub(super) fn rider(&self, luck: &mut Luck) -> UserId {
        self.riders[usize::try_from(luck.below(self.riders.len() as u64)).unwrap_or_default()]
    }

    async fn book(&self, luck: &mut Luck) -> Result<()> {
        let Some(trip) = Self::one_of(&self.trips, 60, luck) else { return self.offer(luck).await };
        let (rider, seats) = (self.rider(luck), if luck.percent(80) { 1 } else { 2 });
        let new = NewBooking {
            creator: rider,
            beneficiary: rider,
            wishes: vec![Wish::Some(trip, seats)],
            when: None,
            participants: None,
            purpose: None,
            note: None,
            draft: false,
        };
        let mut tx = self.begin().await?;
        let booking = bookings::request(&mut tx, new).await?;
        tx.commit().await?;
        Self::remember(&self.booked, Booked { id: booking.id, rider });
        Ok(())
    }

    async fn pay(&self, luck: &mut Luck) -> Result<()> {
        let Some(Booked { id, rider }) = Self::one_of(&self.booked, 60, luck) else { return Ok(()) };
        let method = if luck.percent(75) { "wave" } else { WALLET };
        self.open(rider, Due::Booking(id), method).await
    }

    async fn top_up(&self, luck: &mut Luck) -> Result<()> {
        let amount =
            Money { amount: 5 * (100 + i64::try_from(luck.below(8_000)).unwrap_or_default()), currency: Currency::Xof };
        self.open(self.rider(luck), Due::Topup(amount), "wave").await
    }

    async fn open(&self, by: UserId, due: Due, method: &str) -> Result<()> {
        let new = NewPayment {
            due,
            method: method.into(),
            payer_phone: None,
            return_url: "https://app.allocar.test/back".into(),
        };
        let mut tx = self.begin().await?;
        let (payment, _) = payments::open(&mut tx, Authority::Own(by), new).await?;
        tx.commit().await?;
        if method != WALLET {
            Self::remember(&self.paid, payment.id); // of a wallet's no provider has anything to say
        }
        Ok(())
    }

    /// Somebody pays at the provider, which tells of it once, twice, late, or not at all.
    async fn payer(&self, luck: &mut Luck) -> Result<()> {
        let Some(checkout) = self.provider.pay(luck) else { return Ok(()) };
        let told = match luck.below(10) {
            0 => 0,
            1 => 2,
            _ => 1,
        };
        for _ in 0..told {
            let key = format!("{}-{}", checkout.provider_ref, luck.below(2));
            self.tell(&key, News::CheckoutPaid(checkout.clone()), !luck.percent(8)).await?;
        }
        Ok(())
    }

    pub(super) async fn tell(&self, key: &str, news: News, fresh: bool) -> Result<()> {
        let event = ProviderEvent { key: key.into(), kind: "checkout.session.completed".into(), live: None, news };
        let received = Received { account: self.account, event, body: b"{}".to_vec(), fresh };
        payments::receive_events(&self.db, self.org, "", vec![received]).await?;
        Ok(())
    }

    async fn cancel(&self, luck: &mut Luck) -> Result<()> {
        let Some(Booked { id, rider }) = Self::one_of(&self.booked, 60, luck) else { return Ok(()) };
        let by = if luck.percent(80) { Authority::Own(rider) } else { Authority::Staff(self.staff) };
        let mut tx = self.begin().await?;
        bookings::cancel(&mut tx, by, id, Cancellation::default()).await?;
        tx.commit().await
    }

    /// On the way: seen at the door, under way, there; each in any order.
    async fn ride(&self, luck: &mut Luck) -> (&'static str, Result<()>) {
        let kind = ["check_in", "start", "end"][usize::try_from(luck.below(3)).unwrap_or_default()];
        let aboard = Self::one_of(&self.aboard, 30, luck).filter(|_| kind != "check_in" && luck.percent(90));
        let booked = Self::one_of(&self.booked, 300, luck).map(|booked| booked.id);
        let Some(booking) = aboard.or(booked) else { return (kind, Ok(())) };
        let done = self.travel(kind, booking).await;
        if kind == "check_in" && done.is_ok() {
            Self::remember(&self.aboard, booking);
        }
        (kind, done)
    }

    async fn travel(&self, kind: &str, id: BookingId) -> Result<()> {
        let by = Authority::Staff(self.staff);
        let mut tx = self.begin().await?;
        match kind {
            "check_in" => drop(bookings::check_in(&mut tx, by, id, Proof::Seen).await?),
            "start" => drop(bookings::start(&mut tx, by, id).await?),
            _ => drop(bookings::end(&mut tx, by, id).await?),
        }
        tx.commit().await
    }

    /// A driver offers seats, soon.
    async fn offer(&self, luck: &mut Luck) -> Result<()> {
        let driver = self.drivers[usize::try_from(luck.below(self.drivers.len() as u64)).unwrap_or_default()];
        let minutes =
            |luck: &mut Luck, most: u64| TimeDelta::seconds(i64::try_from(luck.below(most * 60)).unwrap_or_default());
        let place = |lat, text: &str| Place { lat, lon: -4.0, text: text.into() };
        let mut tx = self.begin().await?;
        let departure_at = tx.now() + TimeDelta::minutes(5) + minutes(luck, 480);
        let new = NewTrip {
            driver,
            vehicle: None,
            origin: place(5.3, "Abidjan"),
            destination: place(6.8, "Yamoussoukro"),
            departure_at,
            arrival_eta: Some(departure_at + TimeDelta::minutes(1) + minutes(luck, 20)),
            price_per_seat: 5 * (20 + i64::try_from(luck.below(2_000)).unwrap_or_default()),
            seats: 12,
            auto_accept: true,
            luggage_policy: None,
            rules: None,
        };
        let trip = trips::create(&mut tx, new).await?;
        trips::publish(&mut tx, driver, trip.id).await?;
        tx.commit().await?;
        Self::remember(&self.trips, trip.id);
        Ok(())
    }

    async fn cancel_trip(&self, luck: &mut Luck) -> Result<()> {
        let Some(trip) = Self::one_of(&self.trips, 60, luck).filter(|_| luck.percent(20)) else { return Ok(()) };
        let mut tx = self.begin().await?;
        trips::cancel(&mut tx, Authority::Staff(self.staff), trip).await?;
        tx.commit().await
    }

    async fn withdraw(&self, luck: &mut Luck) -> Result<()> {
        let amount = 5 * (100 + i64::try_from(luck.below(1_500)).unwrap_or_default());
        let mut tx = self.begin().await?;
        wallet::withdraw(&mut tx, self.rider(luck), amount).await?;
        tx.commit().await
    }

    async fn order_payouts(&self) -> Result<()> {
        let mut tx = self.begin().await?;
        payouts::run(&mut tx).await?;
        tx.commit().await
    }

    /// A hold's timer, whenever it comes.
    async fn expire(&self, luck: &mut Luck) -> Result<()> {
        let Some(Booked { id, .. }) = Self::one_of(&self.booked, 60, luck) else { return Ok(()) };
        let mut tx = self.begin().await?;
        bookings::expire_hold(&mut tx, id).await?;
        tx.commit().await
    }

    async fn look_at_any(&self, luck: &mut Luck) -> (&'static str, Result<()>) {
        let Some(payment) = Self::one_of(&self.paid, 60, luck) else { return ("look", Ok(())) };
        let found = self.carry_payment(&Payments::LookAgain { payment }, luck).await;
        ("look", found.map(drop))
    }

    /// A person sends what the provider did not.
    async fn send_by_hand(&self, luck: &mut Luck) -> Result<()> {
        let Some(refund) = Self::one_of(&self.troubled, 60, luck) else { return Ok(()) };
        let reference = Uuid::new_v4().to_string();
        let mut tx = self.begin().await?;
        let sent = domain::refunds::sent_by_hand(&mut tx, self.staff, refund, &reference).await?;
        tx.commit().await?;
        self.provider.sent_by_hand(sent.amount.amount);
        Ok(())
    }

    pub(super) async fn pass_time(&self, by: TimeDelta) -> Result<()> {
        sqlx::query(
            "insert into clock (ahead) values (make_interval(secs => $1))
             on conflict (only_row) do update set ahead = clock.ahead + make_interval(secs => $1)",
        )
        .bind(by.num_milliseconds() as f64 / 1_000.0)
        .execute(&self.owner)
        .await?;
        Ok(())
    }
}
