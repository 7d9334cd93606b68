//! What goes wrong at providers, each trouble with each of them.

use sandbox::{Faults, Refuse};

/// Everybody money comes through.
pub const PROVIDERS: [&str; 5] = ["wave", "mtn", "orange", "card", "sonatel"];

const ON: Option<bool> = Some(true);

/// One way a payment is made hard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Every event ten times, all at once.
    TenTimes,
    /// Failures before and after the success, and the success again under other names.
    Shuffled,
    /// The event before the answer to our own call.
    Early,
    /// The event long after.
    Late,
    /// Strangers say that it was paid before it is, and once more with the true event.
    Forged,
    /// Truly signed and too old, before it is paid and after.
    Stale,
    /// Another amount first, then the right one.
    WrongAmount,
    /// The order is taken, the answer a 500.
    LostAnswer,
    /// The order is taken, the answer never comes.
    Hang,
    /// The order is taken, the answer a page with status 200.
    Html,
    /// No event ever.
    Silence,
    /// 409 to an order, or to its repeat.
    Conflict,
    /// The payer says no.
    Refused,
    /// The payer goes away.
    Abandoned,
}

impl Trouble {
    pub const ALL: [Self; 14] = [
        Self::TenTimes,
        Self::Shuffled,
        Self::Early,
        Self::Late,
        Self::Forged,
        Self::Stale,
        Self::WrongAmount,
        Self::LostAnswer,
        Self::Hang,
        Self::Html,
        Self::Silence,
        Self::Conflict,
        Self::Refused,
        Self::Abandoned,
    ];

    /// What happens to the order.
    pub fn of_order(self, provider: &str) -> Option<(&'static str, Faults)> {
        let none = Faults::default();
        let faults = match self {
            Self::Early => Faults { early: ON, ..none },
            Self::LostAnswer => Faults { lose_answer: ON, ..none },
            Self::Hang => Faults { hang_ms: Some(11_000), ..none },
            Self::Html if provider == "mtn" => return Some((status(provider), Faults { html: ON, ..none })),
            Self::Html => Faults { html: ON, ..none },
            // the order is taken; its repeat is answered with 409
            Self::Conflict if provider == "mtn" => Faults { lose_answer: ON, ..none },
            Self::Conflict => Faults { refuse: refuse(409, "idempotency_key_in_use"), ..none },
            _ => return None,
        };
        Some((create(provider), faults))
    }

    /// What happens to the news that it was paid.
    pub fn of_news(self) -> Faults {
        let none = Faults::default();
        match self {
            Self::TenTimes => Faults { duplicate: Some(9), ..none },
            Self::Shuffled => Faults { duplicate: Some(2), reorder: ON, ..none },
            Self::Late => Faults { delay_ms: Some(4_000), ..none },
            Self::Forged => Faults { forge: ON, ..none },
            Self::Stale => Faults { stale_seconds: Some(3_600), ..none },
            Self::Silence => Faults { never: ON, ..none },
            _ => none,
        }
    }
}

/// The operation that asks a provider for money.
fn create(provider: &str) -> &'static str {
    match provider {
        "wave" => "checkout.create",
        "mtn" => "mtn.collect",
        "card" => "card.create",
        "sonatel" => "sonatel.qrcode",
        _ => "orange.webpayment",
    }
}

/// The operation that asks how a payment stands.
pub fn status(provider: &str) -> &'static str {
    match provider {
        "wave" => "checkout.get",
        "mtn" => "mtn.collect_status",
        "card" => "card.get",
        "sonatel" => "sonatel.search",
        _ => "orange.status",
    }
}

/// The events that tell of a payment.
pub fn news(provider: &str) -> &'static str {
    match provider {
        "wave" => "webhook.checkout",
        "mtn" => "webhook.mtn",
        "card" => "webhook.card",
        "sonatel" => "webhook.sonatel",
        _ => "webhook.orange",
    }
}

/// What happens to a refund, in turn; nothing where a person sends it.
pub fn of_refund(provider: &str, turn: usize) -> Option<(&'static str, Faults)> {
    let operation = match provider {
        "wave" => "checkout.refund",
        "mtn" => "mtn.refund",
        "card" => "card.refund",
        _ => return None,
    };
    let none = Faults::default();
    let faults = match turn % 5 {
        0 => Faults { lose_answer: ON, ..none },
        1 => Faults { html: ON, ..none },
        2 => Faults { refuse: refuse(503, "SERVICE_UNAVAILABLE"), ..none },
        3 if provider == "wave" => Faults { hang_ms: Some(11_000), ..none },
        3 => Faults { processing_reads: Some(1), ..none },
        _ => Faults { payout_error: (provider != "wave").then(|| "DECLINED".into()), ..none },
    };
    Some((operation, faults))
}

fn refuse(status: u16, code: &str) -> Option<Refuse> {
    Some(Refuse { status, code: code.into(), retry_after: None })
}
