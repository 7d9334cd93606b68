//! What proves a delivery: timestamp and signatures, right or wrong.

use crate::knobs::{Faults, Strategy};
use crate::sandbox::{Sandbox, real_now};
use integrations::Secret;
use integrations::payments::stripe::webhook as stripe;
use integrations::payments::wave::webhook as wave;
use integrations::signing::Scheme;

/// Nobody shares this secret: what it signs is forged.
const STRANGER: &str = "wave_ci_WHS_a_secret_nobody_shares";

/// How the deliveries of one event are stamped.
#[derive(Debug, Clone)]
pub(super) struct Stamp {
    strategy: Strategy,
    secrets: Vec<Secret>,
    card_secrets: Vec<Secret>,
    stale_seconds: i64,
    /// How the stamp is wrong, if it is.
    pub(super) forged: Option<String>,
}

/// The headers of one delivery.
pub(super) struct Proof {
    /// The timestamp.
    pub(super) t: i64,
    /// Where the signature stands.
    pub(super) header: &'static str,
    /// The signature.
    pub(super) signature: Option<String>,
    /// `Authorization`.
    pub(super) authorization: Option<String>,
}

impl Stamp {
    /// The stamp the settings and rules ask for.
    pub(super) fn of(sandbox: &Sandbox, faults: &Faults) -> Self {
        let mut secrets = sandbox.settings().webhook_secrets.clone();
        if Faults::on(faults.two_signatures) && secrets.len() < 2 {
            secrets.insert(0, Secret::new(STRANGER));
        }
        let strategy = sandbox.knobs().tuning().strategy;
        let card_secrets = sandbox.settings().stripe.webhook_secrets.clone();
        Self { strategy, secrets, card_secrets, stale_seconds: faults.stale_seconds.unwrap_or(0), forged: None }
    }

    /// The same, but made by a stranger.
    pub(super) fn forged(mut self, how: &str) -> Self {
        self.secrets = vec![Secret::new(STRANGER)];
        self.card_secrets.clone_from(&self.secrets);
        self.forged = Some(how.into());
        self
    }

    /// The same, but without any proof.
    pub(super) fn unsigned(mut self, how: &str) -> Self {
        self.secrets.clear();
        self.card_secrets.clear();
        self.forged = Some(how.into());
        self
    }

    /// The same, rightly signed, under a name that says what is wrong with the rest.
    pub(super) fn labelled(mut self, how: &str) -> Self {
        self.forged = Some(how.into());
        self
    }

    /// One stamp per secret, each with that secret alone: the overlap of a rotation.
    pub(super) fn one_per_secret(&self) -> Vec<Self> {
        self.secrets.iter().map(|secret| Self { secrets: vec![secret.clone()], ..self.clone() }).collect()
    }

    /// Stamp a body now, as its provider does: some sign nothing.
    pub(super) fn prove(&self, provider: &str, body: &str) -> Proof {
        let t = real_now().timestamp() - self.stale_seconds;
        let (scheme, header, secrets) = match provider {
            "wave" => (Scheme::Wave, wave::SIGNATURE_HEADER, self.secrets.as_slice()),
            "card" => (Scheme::Stripe, stripe::SIGNATURE_HEADER, self.card_secrets.as_slice()),
            _ => (Scheme::Wave, wave::SIGNATURE_HEADER, &[][..]),
        };
        let Some((first, others)) = secrets.split_first() else {
            return Proof { t, header, signature: None, authorization: None };
        };
        let strategy = if provider == "wave" { self.strategy } else { Strategy::Signing };
        match strategy {
            Strategy::Shared => {
                let authorization = Some(format!("Bearer {}", first.expose()));
                Proof { t, header, signature: None, authorization }
            }
            Strategy::Signing => {
                let mut signature = scheme.header(first, t, body.as_bytes());
                for other in others {
                    let mac = scheme.mac(other, &t.to_string(), body.as_bytes());
                    signature.push_str(",v1=");
                    signature.push_str(&hex::encode(mac));
                }
                Proof { t, header, signature: Some(signature), authorization: None }
            }
        }
    }
}
