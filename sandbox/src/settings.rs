//! What a sandbox is started with.

use crate::fcm::PushProject;
use crate::knobs::Tuning;
use crate::mtn::MtnContract;
use crate::orange::OrangeContract;
use crate::stripe::StripeContract;
use integrations::Secret;
use std::net::{Ipv4Addr, SocketAddr};

/// Settings of a sandbox. [`Settings::default`] suits tests: free ports on this machine and well-known secrets.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where HTTP is served; port 0 picks a free one.
    pub http_listen: SocketAddr,
    /// Where SMTP is served; port 0 picks a free one.
    pub smtp_listen: SocketAddr,
    /// How a browser reaches the HTTP address; none: as it is bound.
    pub public_url: Option<String>,
    /// The merchant's name as payers see it.
    pub business_name: String,
    /// Wave API keys that are let in.
    pub api_keys: Vec<Secret>,
    /// Webhook secrets, the current one first; with two, each event carries two signatures.
    pub webhook_secrets: Vec<Secret>,
    /// When set, Wave requests must be signed with it.
    pub signing_secret: Option<Secret>,
    /// The wallet at the start, in francs.
    pub opening_balance: i64,
    /// The contract with MTN.
    pub mtn: MtnContract,
    /// The contract with Orange Money.
    pub orange: OrangeContract,
    /// The contract with Stripe.
    pub stripe: StripeContract,
    /// Who may send pushes.
    pub push: PushProject,
    /// Client id of the SMS contract.
    pub sms_client_id: String,
    /// Client secret of the SMS contract.
    pub sms_client_secret: Secret,
    /// User and password mail clients must give; none: everybody may send.
    pub smtp_login: Option<(String, String)>,
    /// The settings that may change while it runs.
    pub tuning: Tuning,
}

impl Default for Settings {
    fn default() -> Self {
        let free_port = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        Self {
            http_listen: free_port,
            smtp_listen: free_port,
            public_url: None,
            business_name: "Teranga Rides".into(),
            api_keys: vec![Secret::new("wave_ci_prod_local")],
            webhook_secrets: vec![Secret::new("wave_ci_WHS_local_test_secret")],
            signing_secret: None,
            opening_balance: 10_000_000,
            mtn: MtnContract::default(),
            orange: OrangeContract::default(),
            stripe: StripeContract::default(),
            push: PushProject::for_tests(),
            sms_client_id: "sms-client".into(),
            sms_client_secret: Secret::new("sms-secret"),
            smtp_login: None,
            tuning: Tuning::default(),
        }
    }
}
