//! The movements of MODEL §7, each written where it is named once. A rule says what happened; this page says which
//! accounts move.

use super::close::open_time;
use super::post::{
    Account::{self, Org, Provider, User},
    Kind::*,
    Line, NewTransaction, post, post_at,
};
use crate::{
    db::Tx,
    error::Result,
    ids::*,
    money::{Currency, Money},
    promotions::Referral,
};
use chrono::{DateTime, Utc};

/// A booking was paid, through a provider or from a wallet, less what the organization gives: the price is held until the
/// ride is done.
pub(crate) async fn booking_paid(
    tx: &mut Tx,
    booking: BookingId,
    payment: PaymentId,
    (from, paid): (Account, Money),
    given: Money,
) -> Result<bool> {
    post(tx, of_paid_booking(booking, payment, (from, paid), given)).await
}

/// The same, to be posted with others.
pub(crate) fn of_paid_booking(
    booking: BookingId,
    payment: PaymentId,
    (from, paid): (Account, Money),
    given: Money,
) -> NewTransaction {
    let lines = vec![
        Line { debit: from, credit: Org(Escrow), amount: paid },
        Line { debit: Org(Promo), credit: Org(Escrow), amount: given },
    ];
    let (subject, dedupe_key) = (booking.into(), money_in(payment));
    NewTransaction { kind: "booking_paid", subject_type: "booking", subject, payment: Some(payment), dedupe_key, lines }
}

/// The organization gives a booking whole (M1): nothing is left to pay.
pub(crate) async fn booking_given(tx: &mut Tx, booking: BookingId, price: Money) -> Result<bool> {
    let lines = vec![Line { debit: Org(Promo), credit: Org(Escrow), amount: price }];
    let key = format!("booking/{booking}/given");
    write(tx, "booking_paid", "booking", booking.into(), None, key, lines).await
}

/// What was given for a booking that was cancelled is the organization's again.
pub(crate) async fn discount_returned(tx: &mut Tx, booking: BookingId, amount: Money) -> Result<bool> {
    let lines = vec![Line { debit: Org(Escrow), credit: Org(Promo), amount }];
    let key = format!("booking/{booking}/discount_returned");
    write(tx, "discount_returned", "booking", booking.into(), None, key, lines).await
}

/// A pack of tickets was paid (K20): the money is a sale, the tickets are issued.
pub(crate) async fn tickets_sold(
    tx: &mut Tx,
    payment: PaymentId,
    (from, paid): (Account, Money),
    (buyer, tickets): (UserId, Money),
) -> Result<bool> {
    let lines = vec![
        Line { debit: from, credit: Org(Sales), amount: paid },
        Line { debit: Org(TicketsIssued), credit: User(buyer, Wallet), amount: tickets },
    ];
    write(tx, "tickets_sold", "user", buyer.into(), Some(payment), money_in(payment), lines).await
}

/// A balance was corrected by hand (K22): tickets are issued or withdrawn, money is given or taken back.
pub(crate) async fn wallet_adjusted(tx: &mut Tx, id: AdjustmentId, user: UserId, delta: Money) -> Result<bool> {
    let ours = Org(if delta.currency == Currency::Tkt { TicketsIssued } else { Promo });
    let (debit, credit) = if delta.amount > 0 { (ours, User(user, Wallet)) } else { (User(user, Wallet), ours) };
    let lines = vec![Line { debit, credit, amount: delta.with(delta.amount.abs()) }];
    let key = format!("wallet_adjustment/{id}/applied");
    write(tx, "wallet_adjusted", "wallet_adjustment", id.into(), None, key, lines).await
}

/// A code put credit into a wallet (M4, K17).
pub(crate) async fn promo_credited(tx: &mut Tx, redemption: RedemptionId, user: UserId, amount: Money) -> Result<bool> {
    let lines = vec![Line { debit: Org(Promo), credit: User(user, Wallet), amount }];
    let key = format!("redemption/{redemption}/credited");
    write(tx, "promo_credited", "redemption", redemption.into(), None, key, lines).await
}

/// Somebody was brought along: both have their bonus (M7).
pub(crate) async fn referral_rewarded(tx: &mut Tx, referral: &Referral) -> Result<bool> {
    let lines = vec![
        Line { debit: Org(Promo), credit: User(referral.referrer, Wallet), amount: referral.bonus_referrer },
        Line { debit: Org(Promo), credit: User(referral.referee, Wallet), amount: referral.bonus_referee },
    ];
    let key = format!("referral/{}/rewarded", referral.id);
    write(tx, "referral_rewarded", "referral", referral.id.into(), None, key, lines).await
}

/// Money arrived that its booking cannot take: too late, or a second time (★6).
pub(crate) async fn stray_money(tx: &mut Tx, payment: PaymentId, at: ProviderAccountId, amount: Money) -> Result<bool> {
    let lines = vec![Line { debit: Provider(at), credit: Org(Suspense), amount }];
    write(tx, "stray_money", "payment", payment.into(), Some(payment), money_in(payment), lines).await
}

/// Money arrived that matches nothing, or not as agreed: it waits for a person (★5). One checkout brings it once,
/// however many events tell of it.
pub(crate) async fn unexplained_money(
    tx: &mut Tx,
    at: ProviderAccountId,
    checkout_ref: &str,
    payment: Option<PaymentId>,
    amount: Money,
) -> Result<bool> {
    let lines = vec![Line { debit: Provider(at), credit: Org(Suspense), amount }];
    let subject = payment.map_or(at.into(), uuid::Uuid::from);
    write(tx, "unexplained_money", "payment", subject, payment, in_suspense(at, checkout_ref), lines).await
}

/// The same checkout settled after all: what was put aside for it is taken back, so that its money is in the books once.
pub(crate) async fn explained(
    tx: &mut Tx,
    at: ProviderAccountId,
    checkout_ref: &str,
    payment: PaymentId,
    amount: Money,
) -> Result<bool> {
    let lines = vec![Line { debit: Org(Suspense), credit: Provider(at), amount }];
    let key = format!("{}/explained", in_suspense(at, checkout_ref));
    write(tx, "money_explained", "payment", payment.into(), Some(payment), key, lines).await
}

/// The key under which a checkout's unexplained money is written.
pub(crate) fn in_suspense(at: ProviderAccountId, checkout_ref: &str) -> String {
    format!("checkout/{at}/{checkout_ref}/suspense")
}

/// A ride was done: the driver has earned the price less the platform's share.
pub(crate) async fn booking_completed(
    tx: &mut Tx,
    booking: BookingId,
    driver: UserId,
    price: Money,
    commission: Money,
) -> Result<bool> {
    let lines = vec![
        Line {
            debit: Org(Escrow),
            credit: User(driver, Earnings),
            amount: price.with(price.amount - commission.amount),
        },
        Line { debit: Org(Escrow), credit: Org(Commission), amount: commission },
    ];
    let key = format!("booking/{booking}/completed");
    write(tx, "booking_completed", "booking", booking.into(), None, key, lines).await
}

/// A thing of the organization was used: its price is earned.
pub(crate) async fn thing_used(tx: &mut Tx, booking: BookingId, price: Money) -> Result<bool> {
    let lines = vec![Line { debit: Org(Escrow), credit: Org(Sales), amount: price }];
    let key = format!("booking/{booking}/completed");
    write(tx, "booking_completed", "booking", booking.into(), None, key, lines).await
}

/// A driver let firm riders down (L3): it is withheld from what they earn.
pub(crate) async fn driver_penalty(tx: &mut Tx, trip: ResourceId, driver: UserId, amount: Money) -> Result<bool> {
    let lines = vec![Line { debit: User(driver, Earnings), credit: Org(Penalties), amount }];
    let key = format!("trip/{trip}/driver_penalty");
    write(tx, "driver_penalty", "trip", trip.into(), None, key, lines).await
}

/// Nobody came for what was paid: so much of it is kept.
pub(crate) async fn no_show(tx: &mut Tx, booking: BookingId, kept: Money) -> Result<bool> {
    let lines = vec![Line { debit: Org(Escrow), credit: Org(Fees), amount: kept }];
    let key = format!("booking/{booking}/no_show");
    write(tx, "booking_no_show", "booking", booking.into(), None, key, lines).await
}

/// A fine was paid, through a provider or from a wallet (J21). Waiving one moves nothing.
pub(crate) async fn fine_paid(
    tx: &mut Tx,
    fine: FineId,
    payment: PaymentId,
    from: Account,
    amount: Money,
) -> Result<bool> {
    let lines = vec![Line { debit: from, credit: Org(Fees), amount }];
    write(tx, "fine_paid", "fine", fine.into(), Some(payment), money_in(payment), lines).await
}

/// A fine was kept from what a driver earned (K15).
pub(crate) async fn fine_withheld(tx: &mut Tx, fine: FineId, driver: UserId, amount: Money) -> Result<bool> {
    let lines = vec![Line { debit: User(driver, Earnings), credit: Org(Fees), amount }];
    write(tx, "fine_withheld", "fine", fine.into(), None, format!("fine/{fine}/withheld"), lines).await
}

/// Somebody filled their wallet (K4).
pub(crate) async fn wallet_topped_up(
    tx: &mut Tx,
    user: UserId,
    payment: PaymentId,
    at: ProviderAccountId,
    amount: Money,
) -> Result<bool> {
    let lines = vec![Line { debit: Provider(at), credit: User(user, Wallet), amount }];
    write(tx, "wallet_topped_up", "user", user.into(), Some(payment), money_in(payment), lines).await
}

/// Giving up what was paid had its price (L2): that part is kept.
pub(crate) async fn cancellation_fee(tx: &mut Tx, booking: BookingId, fee: Money) -> Result<bool> {
    let lines = vec![Line { debit: Org(Escrow), credit: Org(Fees), amount: fee }];
    let key = format!("booking/{booking}/cancellation_fee");
    write(tx, "cancellation_fee", "booking", booking.into(), None, key, lines).await
}

/// A refund of a cancelled booking leaves escrow.
pub(crate) async fn booking_refund_started(
    tx: &mut Tx,
    booking: BookingId,
    refund: PaymentId,
    amount: Money,
) -> Result<bool> {
    let lines = vec![Line { debit: Org(Escrow), credit: Org(RefundTransit), amount }];
    let key = format!("refund/{refund}/started");
    write(tx, "refund_started", "booking", booking.into(), Some(refund), key, lines).await
}

/// A refund of stray money leaves suspense.
pub(crate) async fn stray_refund_started(tx: &mut Tx, of: PaymentId, refund: PaymentId, amount: Money) -> Result<bool> {
    let lines = vec![Line { debit: Org(Suspense), credit: Org(RefundTransit), amount }];
    let key = format!("refund/{refund}/started");
    write(tx, "refund_started", "payment", of.into(), Some(refund), key, lines).await
}

/// The provider sent the refund, or it is in the wallet.
pub(crate) async fn refund_confirmed(
    tx: &mut Tx,
    refund: PaymentId,
    from: Account,
    amount: Money,
    fee: Money,
) -> Result<bool> {
    let lines = vec![
        Line { debit: Org(RefundTransit), credit: from, amount },
        Line { debit: Org(ProviderFees), credit: from, amount: fee },
    ];
    let key = format!("refund/{refund}/ended");
    write(tx, "refund_confirmed", "payment", refund.into(), Some(refund), key, lines).await
}

/// The provider refuses the refund for good: the money waits for a person.
pub(crate) async fn refund_failed(tx: &mut Tx, refund: PaymentId, amount: Money) -> Result<bool> {
    let lines = vec![Line { debit: Org(RefundTransit), credit: Org(Suspense), amount }];
    let key = format!("refund/{refund}/ended");
    write(tx, "refund_failed", "payment", refund.into(), Some(refund), key, lines).await
}

/// The provider sent the refund, and had it back days later: the money waits for a person (PROVIDERS §10, 23).
pub(crate) async fn refund_reversed(
    tx: &mut Tx,
    refund: PaymentId,
    at: ProviderAccountId,
    amount: Money,
    fee: Money,
) -> Result<bool> {
    let lines = vec![
        Line { debit: Provider(at), credit: Org(Suspense), amount },
        Line { debit: Provider(at), credit: Org(ProviderFees), amount: fee },
    ];
    let key = format!("refund/{refund}/reversed");
    write(tx, "refund_reversed", "payment", refund.into(), Some(refund), key, lines).await
}

/// A person sent what the provider did not (J14).
pub(crate) async fn refund_sent_by_hand(
    tx: &mut Tx,
    refund: PaymentId,
    at: ProviderAccountId,
    amount: Money,
) -> Result<bool> {
    let lines = vec![Line { debit: Org(Suspense), credit: Provider(at), amount }];
    let key = format!("refund/{refund}/by_hand");
    write(tx, "refund_sent_by_hand", "payment", refund.into(), Some(refund), key, lines).await
}

/// A payer's bank takes the money of a payment until it has decided (SN5).
pub(crate) async fn chargeback_opened(
    tx: &mut Tx,
    of: PaymentId,
    chargeback: PaymentId,
    at: ProviderAccountId,
    amount: Money,
) -> Result<bool> {
    let lines = vec![Line { debit: Org(Suspense), credit: Provider(at), amount }];
    let key = format!("chargeback/{chargeback}/opened");
    write(tx, "chargeback_opened", "payment", of.into(), Some(chargeback), key, lines).await
}

/// What the provider charges for a dispute: a cost of the organization. Less when a part of it is given back.
pub(crate) async fn dispute_fee(
    tx: &mut Tx,
    chargeback: PaymentId,
    at: ProviderAccountId,
    more: Money,
    version: i32,
) -> Result<bool> {
    let lines = vec![Line { debit: Org(ProviderFees), credit: Provider(at), amount: more }];
    let key = format!("chargeback/{chargeback}/fee/{version}");
    write(tx, "dispute_fee", "payment", chargeback.into(), Some(chargeback), key, lines).await
}

/// The bank gave it back.
pub(crate) async fn chargeback_won(
    tx: &mut Tx,
    of: PaymentId,
    chargeback: PaymentId,
    at: ProviderAccountId,
    amount: Money,
) -> Result<bool> {
    let lines = vec![Line { debit: Provider(at), credit: Org(Suspense), amount }];
    let key = format!("chargeback/{chargeback}/ended");
    write(tx, "chargeback_won", "payment", of.into(), Some(chargeback), key, lines).await
}

/// The payer keeps it: a cost of the organization. What the payment bought stays as it is.
pub(crate) async fn chargeback_lost(tx: &mut Tx, of: PaymentId, chargeback: PaymentId, amount: Money) -> Result<bool> {
    let lines = vec![Line { debit: Org(Chargebacks), credit: Org(Suspense), amount }];
    let key = format!("chargeback/{chargeback}/ended");
    write(tx, "chargeback_lost", "payment", of.into(), Some(chargeback), key, lines).await
}

/// Earnings are set aside for a payout, or part of a wallet for a withdrawal.
pub(crate) async fn payout_scheduled(tx: &mut Tx, payout: PaymentId, from: Account, amount: Money) -> Result<bool> {
    let lines = vec![Line { debit: from, credit: Org(PayoutTransit), amount }];
    let key = format!("payout/{payout}/scheduled");
    write(tx, "payout_scheduled", "payment", payout.into(), Some(payout), key, lines).await
}

/// The provider paid the person; its fee came on top.
pub(crate) async fn payout_confirmed(
    tx: &mut Tx,
    payout: PaymentId,
    at: ProviderAccountId,
    amount: Money,
    fee: Money,
) -> Result<bool> {
    let lines = vec![
        Line { debit: Org(PayoutTransit), credit: Provider(at), amount },
        Line { debit: Org(ProviderFees), credit: Provider(at), amount: fee },
    ];
    let key = format!("payout/{payout}/ended");
    write(tx, "payout_confirmed", "payment", payout.into(), Some(payout), key, lines).await
}

/// The provider did not pay: the same earnings are owed again, or are back in the wallet (SN30).
pub(crate) async fn payout_failed(tx: &mut Tx, payout: PaymentId, to: Account, amount: Money) -> Result<bool> {
    let lines = vec![Line { debit: Org(PayoutTransit), credit: to, amount }];
    let key = format!("payout/{payout}/ended");
    write(tx, "payout_failed", "payment", payout.into(), Some(payout), key, lines).await
}

/// The provider paid the driver and took it back: the same earnings are owed again (PROVIDERS §1.5).
pub(crate) async fn payout_reversed(
    tx: &mut Tx,
    payout: PaymentId,
    back_to: Account,
    at: ProviderAccountId,
    amount: Money,
    fee: Money,
) -> Result<bool> {
    let lines = vec![
        Line { debit: Provider(at), credit: back_to, amount },
        Line { debit: Provider(at), credit: Org(ProviderFees), amount: fee },
    ];
    let key = format!("payout/{payout}/reversed");
    write(tx, "payout_reversed", "payment", payout.into(), Some(payout), key, lines).await
}

/// What a provider charged for a payment, learned from its own list; a negative fee was given back (J15).
pub(crate) async fn provider_fee(tx: &mut Tx, payment: PaymentId, at: ProviderAccountId, fee: Money) -> Result<bool> {
    let lines = vec![Line { debit: Org(ProviderFees), credit: Provider(at), amount: fee }];
    let key = format!("payment/{payment}/fee");
    write(tx, "provider_fee", "payment", payment.into(), Some(payment), key, lines).await
}

/// A person brings what the books hold at a provider to what its list says (J15): the rest waits in suspense. It is said to
/// have happened when the provider says so, unless that period is closed.
pub(crate) async fn reconciled(
    tx: &mut Tx,
    about: (Option<PaymentId>, String),
    at: ProviderAccountId,
    amount: Money,
    happened: Option<DateTime<Utc>>,
) -> Result<bool> {
    let (payment, dedupe_key) = about;
    let lines = vec![Line { debit: Provider(at), credit: Org(Suspense), amount }];
    let subject = payment.map_or(at.into(), uuid::Uuid::from);
    let occurred_at = open_time(tx, happened).await?;
    let new = NewTransaction { kind: "reconciled", subject_type: "payment", subject, payment, dedupe_key, lines };
    post_at(tx, new, occurred_at).await
}

/// A person accepts another fee than the provider had told (J15).
pub(crate) async fn fee_corrected(
    tx: &mut Tx,
    payment: PaymentId,
    key: String,
    at: ProviderAccountId,
    more: Money,
) -> Result<bool> {
    let lines = vec![Line { debit: Org(ProviderFees), credit: Provider(at), amount: more }];
    write(tx, "reconciled", "payment", payment.into(), Some(payment), key, lines).await
}

/// One payment brings money in once, whichever door it comes through.
fn money_in(payment: PaymentId) -> String {
    format!("payment/{payment}/in")
}

async fn write(
    tx: &mut Tx,
    kind: &'static str,
    subject_type: &'static str,
    subject: uuid::Uuid,
    payment: Option<PaymentId>,
    dedupe_key: String,
    lines: Vec<Line>,
) -> Result<bool> {
    post(tx, NewTransaction { kind, subject_type, subject, payment, dedupe_key, lines }).await
}
