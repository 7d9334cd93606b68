//! What carriers do: the jobs the product posted itself, a little early, late, again, and beside one another.

use super::{Field, Job};
use crate::luck::Luck;
use chrono::TimeDelta;
use domain::{
    bookings,
    error::{Error, Result},
    ids::*,
    jobs::{Payments, Reservations},
    payments::{self, Ask, ExpireOrder, Look, LookAt, Seen, Waiting, provider::News},
    payouts, refunds,
};
use std::mem;

/// Of a hundred jobs that were done so many are done again later.
const AGAIN: u64 = 12;

/// Whether a job is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    Done,
    Again,
}

impl Field {
    /// Takes one of the jobs at hand.
    pub(super) async fn carry_any(&self, luck: &mut Luck) -> (&'static str, Result<()>) {
        let early = if luck.percent(10) { TimeDelta::hours(1) } else { TimeDelta::zero() };
        if self.jobs.lock().unwrap().len() < 40
            && let Err(fault) = self.fetch(early).await
        {
            return ("job", Err(fault));
        }
        let job = {
            let mut jobs = self.jobs.lock().unwrap();
            let count = jobs.len();
            if count == 0 {
                return ("job", Ok(()));
            }
            jobs.swap_remove(usize::try_from(luck.below(count as u64)).unwrap_or_default())
        };
        let (kind, then) = self.carry(&job, luck).await;
        let again = matches!(then, Ok(Then::Again)) || luck.percent(AGAIN);
        if again && !matches!(then, Err(Error::Refused(_))) {
            self.jobs.lock().unwrap().push(job);
        }
        (kind, then.map(drop))
    }

    /// Takes what is due out of the post room; messages are nobody's business here.
    pub(super) async fn fetch(&self, early: TimeDelta) -> Result<usize> {
        let due: Vec<(String, serde_json::Value)> = sqlx::query_as(
            "with money as (select id from queue.jobs where queue = 'payments' and priority = 0 and lease is null
                                and deaths = 0 and run_at <= app_now() + $1 order by run_at limit 150 for update skip locked),
             timers as (select id from queue.jobs where queue = 'reservations' and priority = 0 and lease is null
                            and deaths = 0 and run_at <= app_now() + $1 order by run_at limit 50 for update skip locked),
             letters as (select id from queue.jobs where queue = 'notifications' limit 1000 for update skip locked)
             delete from queue.jobs where id in (select id from money union all select id from timers
                                                 union all select id from letters)
             returning queue, payload",
        )
        .bind(early)
        .fetch_all(&self.owner)
        .await?;
        let jobs: Vec<Job> = due.into_iter().filter_map(|(queue, payload)| read(&queue, payload)).collect();
        let count = jobs.len();
        self.jobs.lock().unwrap().extend(jobs);
        Ok(count)
    }

    async fn carry(&self, job: &Job, luck: &mut Luck) -> (&'static str, Result<Then>) {
        match job {
            Job::Payment(job) => (queue::JobFamily::kind(job), self.carry_payment(job, luck).await),
            Job::Reservation(job) => (queue::JobFamily::kind(job), self.carry_reservation(job).await),
        }
    }

    async fn carry_reservation(&self, job: &Reservations) -> Result<Then> {
        let mut tx = self.begin().await?;
        match *job {
            Reservations::ExpireHold { booking, .. } => drop(bookings::expire_hold(&mut tx, booking).await?),
            Reservations::ReleaseMissed { booking, .. } => drop(bookings::release_missed(&mut tx, booking).await?),
            _ => return Ok(Then::Done),
        }
        tx.commit().await?;
        Ok(Then::Done)
    }

    /// By itself, or with others that are at hand, as a worker in a rush does.
    async fn settle(&self, event: EventId, luck: &mut Luck) -> Result<Then> {
        let mut events = vec![event];
        {
            let mut jobs = self.jobs.lock().unwrap();
            for _ in 0..luck.below(6) {
                let other = jobs.iter().position(|job| matches!(job, Job::Payment(Payments::SettleEvent { .. })));
                let Some(Job::Payment(Payments::SettleEvent { event })) = other.map(|at| jobs.swap_remove(at)) else {
                    break;
                };
                events.push(event);
            }
        }
        (1..events.len()).for_each(|_| self.count(("inbound.settle", Ok(()))));
        if luck.percent(80) {
            let waiting: Vec<_> = events.iter().map(|&event| Waiting { event, trace: None }).collect();
            let mut tx = self.begin().await?;
            let settled = payments::settle_together(&mut tx, &waiting).await?;
            tx.commit().await?;
            settled.iter().for_each(|_| self.count(("inbound.settle_together", Ok(()))));
            events.retain(|event| !settled.contains(event));
        }
        for event in events {
            let mut tx = self.begin().await?;
            payments::settle_event(&mut tx, event).await?;
            tx.commit().await?;
        }
        Ok(Then::Done)
    }

    pub(super) async fn carry_payment(&self, job: &Payments, luck: &mut Luck) -> Result<Then> {
        match *job {
            Payments::StartPayment { payment } => self.start(payment, luck).await,
            Payments::PollPayment { payment } => self.poll(payment).await,
            Payments::ExpireCheckout { payment } => self.close(payment).await,
            Payments::SettleEvent { event } => self.settle(event, luck).await,
            Payments::AskAboutEvent { event } => self.ask_about(event).await,
            Payments::SendRefund { payment } => self.send_refund(payment, luck).await,
            Payments::LookAgain { payment } => self.look_again(payment, luck).await,
            Payments::BuildPayouts { operation } => self.build_payouts(operation).await,
            Payments::RunPayouts { day } => {
                let mut tx = self.begin().await?;
                payouts::run_of(&mut tx, day).await?;
                tx.commit().await?;
                Ok(Then::Done)
            }
            Payments::SendPayout { payment } => self.send_payout(payment, luck).await,
            Payments::ReconcileAccount { .. } => Ok(Then::Done),
        }
    }

    async fn start(&self, payment: PaymentId, luck: &mut Luck) -> Result<Then> {
        let mut tx = self.begin().await?;
        let Some(order) = payments::load_start(&mut tx, payment).await? else { return Ok(Then::Done) };
        let now = tx.now();
        tx.commit().await?;
        let Some(answer) = self.provider.start(&order.order, now, luck) else { return Ok(Then::Again) };
        let mut tx = self.begin().await?;
        payments::record_started(&mut tx, payment, answer).await?;
        tx.commit().await?;
        Ok(Then::Done)
    }

    async fn poll(&self, payment: PaymentId) -> Result<Then> {
        let mut tx = self.begin().await?;
        let Some(order) = payments::load_poll(&mut tx, payment).await? else { return Ok(Then::Done) };
        let now = tx.now();
        tx.commit().await?;
        let checkout = self.provider.read(&order.checkout.provider_ref, now);
        let mut tx = self.begin().await?;
        let again = payments::record_checkout(&mut tx, payment, &checkout).await?.is_some();
        tx.commit().await?;
        Ok(if again { Then::Again } else { Then::Done })
    }

    async fn close(&self, payment: PaymentId) -> Result<Then> {
        let mut tx = self.begin().await?;
        let order = payments::load_expire(&mut tx, payment).await?;
        tx.commit().await?;
        let ExpireOrder::Close { checkout, .. } = order else {
            return Ok(if matches!(order, ExpireOrder::Later) { Then::Again } else { Then::Done });
        };
        let answer = self.provider.expire(&checkout.provider_ref);
        let mut tx = self.begin().await?;
        payments::record_expire(&mut tx, payment, answer).await?;
        tx.commit().await?;
        Ok(Then::Done)
    }

    async fn ask_about(&self, event: EventId) -> Result<Then> {
        let mut tx = self.begin().await?;
        let ask = payments::load_ask(&mut tx, event).await?;
        let now = tx.now();
        tx.commit().await?;
        let Some(Ask::Checkout(order)) = ask else { return Ok(Then::Done) };
        let checkout = self.provider.read(&order.checkout.provider_ref, now);
        let mut tx = self.begin().await?;
        payments::record_asked(&mut tx, event, &checkout).await?;
        tx.commit().await?;
        Ok(Then::Done)
    }

    async fn send_refund(&self, refund: PaymentId, luck: &mut Luck) -> Result<Then> {
        let mut tx = self.begin().await?;
        let Some(send) = refunds::load_refund(&mut tx, refund).await? else { return Ok(Then::Done) };
        tx.commit().await?;
        let Some(answer) = self.provider.refund(&send.order, luck) else { return Ok(Then::Again) };
        let mut tx = self.begin().await?;
        let again = refunds::record_refund(&mut tx, refund, answer).await?;
        tx.commit().await?;
        Self::remember(&self.paid, refund);
        if luck.percent(30) {
            Self::remember(&self.troubled, refund);
        }
        Ok(if again.is_none() { Then::Done } else { Then::Again })
    }

    async fn send_payout(&self, payout: PaymentId, luck: &mut Luck) -> Result<Then> {
        let mut tx = self.begin().await?;
        let Some(send) = payouts::load_payout(&mut tx, payout).await? else { return Ok(Then::Done) };
        tx.commit().await?;
        let Some(answer) = self.provider.pay_out(&send.order, luck) else { return Ok(Then::Again) };
        let mut tx = self.begin().await?;
        let again = payouts::record_payout(&mut tx, payout, answer).await?;
        tx.commit().await?;
        Self::remember(&self.paid, payout);
        Ok(if again.is_none() { Then::Done } else { Then::Again })
    }

    async fn build_payouts(&self, operation: OperationId) -> Result<Then> {
        let mut tx = self.begin().await?;
        let drivers = payouts::candidates(&mut tx).await?;
        drop(tx);
        for driver in drivers {
            let mut tx = self.begin().await?;
            match payouts::build_for(&mut tx, operation, driver).await {
                Ok(_) => tx.commit().await?,
                Err(Error::Refused(_)) => {}
                Err(fault) => return Err(fault),
            }
        }
        let mut tx = self.begin().await?;
        payouts::finish_build(&mut tx, operation).await?;
        tx.commit().await?;
        Ok(Then::Done)
    }

    pub(super) async fn look_again(&self, payment: PaymentId, luck: &mut Luck) -> Result<Then> {
        let mut tx = self.begin().await?;
        let found = payments::load_look(&mut tx, payment).await?;
        let Some(Look { at, .. }) = found else { return Ok(Then::Done) };
        tx.commit().await?;
        let seen = match at {
            LookAt::Refund(_) => Seen::Refund(self.provider.look_at_refund(payment, luck)),
            LookAt::Payout => Seen::Payout(self.provider.look_at_payout(payment, luck)),
            LookAt::Disputes { transaction_ref } => Seen::Disputes(self.provider.disputes(&transaction_ref, luck)),
        };
        let mut tx = self.begin().await?;
        payments::record_look(&mut tx, payment, seen).await?;
        tx.commit().await?;
        Ok(Then::Done)
    }
}

/// Everything that is under way ends: nobody begins anything more, and the provider is as good as its word.
impl Field {
    pub(super) async fn come_to_rest(&self, luck: &mut Luck) {
        self.provider.calm_down();
        for checkout in self.provider.paid() {
            self.tell(&format!("{}-late", checkout.provider_ref), News::CheckoutPaid(checkout), true).await.unwrap();
        }
        for _ in 0..4 {
            self.pass_time(TimeDelta::days(2)).await.unwrap();
            while self.fetch(TimeDelta::zero()).await.unwrap() > 0 {
                self.carry_all(luck).await;
            }
            self.carry_all(luck).await;
            self.sweep().await;
            self.carry_all(luck).await;
        }
        let back = self.provider.came_back().into_iter().chain(self.provider.disputed());
        for payment in back.collect::<Vec<_>>() {
            let looked = self.look_again(payment, luck).await.map(drop);
            self.count(("payment.look_again", looked));
        }
    }

    /// Every job at hand, once.
    async fn carry_all(&self, luck: &mut Luck) {
        let jobs = mem::take(&mut *self.jobs.lock().unwrap());
        for job in jobs {
            let (kind, then) = self.carry(&job, luck).await;
            self.count((kind, then.map(drop)));
        }
    }

    /// Takes up payments whose own job was lost, as the sweep of the clock does.
    async fn sweep(&self) {
        let open: Vec<(uuid::Uuid, String, String)> = sqlx::query_as(
            "select id, purpose, status from payments where status in
                 ('created', 'submitted', 'authorized', 'unknown', 'scheduled', 'processing') and purpose <> 'chargeback'",
        )
        .fetch_all(&self.owner)
        .await
        .unwrap();
        let jobs = open.into_iter().map(|(id, purpose, status)| {
            let payment = PaymentId(id);
            Job::Payment(match (purpose.as_str(), status.as_str()) {
                ("refund", _) => Payments::SendRefund { payment },
                ("payout" | "withdrawal", _) => Payments::SendPayout { payment },
                (_, "created") => Payments::StartPayment { payment },
                _ => Payments::PollPayment { payment },
            })
        });
        self.jobs.lock().unwrap().extend(jobs);
    }
}

fn read(queue: &str, payload: serde_json::Value) -> Option<Job> {
    match queue {
        "payments" => Some(Job::Payment(serde_json::from_value(payload).unwrap())),
        "reservations" => Some(Job::Reservation(serde_json::from_value(payload).unwrap())),
        _ => None,
    }
}
