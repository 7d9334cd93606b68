//! The house's own carriers against the sandbox: both sides must mean the same by the same bytes.

use crate::harness::{KEY, create};
use integrations::Secret;
use integrations::messages::{
    Email, Mailer, MailerSettings, Push, PushMessage, PushSettings, SendAnswer, ServiceAccount, Sms, SmsSettings,
};
use integrations::payments::wave::{Wave, WaveKeys};
use integrations::payments::{Account, CheckoutRef, PaymentProvider, RefundOrder};
use sandbox::{Running, Sandbox, Settings};

const SIGNING: &str = "wave_ci_AKS_local_test_secret";

fn wave(sandbox: &Running, signing: Option<&str>) -> Wave {
    integrations::install_crypto();
    let account = Account { secret_ref: "WAVE".into(), base_url: sandbox.url(), currency: "XOF".parse().unwrap() };
    let keys = WaveKeys { api_key: Secret::new(KEY), signing_secret: signing.map(Secret::new) };
    Wave::new(&account, keys).unwrap()
}

#[tokio::test]
async fn a_checkout_through_its_life() {
    let sandbox = Sandbox::start(Settings::default()).await.unwrap();
    let wave = wave(&sandbox, None);
    let reference = "5b0c5f3e-0000-4000-8000-000000000001";
    let (_, made) = create(&sandbox, reference).await;
    let id = made["id"].as_str().unwrap();
    let found = wave.find(&reference.parse().unwrap()).await.unwrap().expect("found by our reference");
    assert_eq!((found.provider_ref.as_str(), found.price.amount), (id, 2_500));
    sandbox.pay(id).unwrap();
    let asked = CheckoutRef { provider_ref: id.into(), price: found.price };
    let paid = format!("{:?}", wave.status(&asked).await.unwrap().state);
    assert!(paid.starts_with("Paid"), "{paid}");
    assert_eq!(format!("{:?}", wave.expire(&asked).await.unwrap()), "TooLate");
    assert_eq!(wave.balance().await.unwrap().amount, 10_002_475);
    let (refund, checkout_ref) = (reference.parse().unwrap(), id.to_owned());
    let order =
        RefundOrder { refund, checkout_ref, transaction_ref: None, amount: found.price, whole: true, payer: None };
    for _ in 0..2 {
        assert_eq!(format!("{:?}", wave.refund(&order).await.unwrap()), "Refunded { fee: 0 }");
    }
    assert_eq!(sandbox.state().refunds().len(), 1);
}

#[tokio::test]
async fn requests_of_the_house_are_signed_as_wave_wants_them() {
    let settings = Settings { signing_secret: Some(Secret::new(SIGNING)), ..Settings::default() };
    let sandbox = Sandbox::start(settings).await.unwrap();
    assert!(wave(&sandbox, Some(SIGNING)).balance().await.is_ok());
    assert!(wave(&sandbox, None).balance().await.is_err());
}

#[tokio::test]
async fn a_push_a_text_and_a_mail_arrive() {
    let sandbox = Sandbox::start(Settings::default()).await.unwrap();
    integrations::install_crypto();
    let service_account = ServiceAccount::load(&sandbox.service_account()).unwrap();
    let push = Push::new(PushSettings { service_account, api_url: sandbox.url() }).unwrap();
    let message = |device: &str| PushMessage {
        device_token: device.into(),
        title: "Trajet confirmé".into(),
        body: "À demain".into(),
        data: [("booking".to_owned(), "b1".to_owned())].into(),
        collapse_key: Some("b1".into()),
    };
    assert!(matches!(push.send(&message("phone-1")).await.unwrap(), SendAnswer::Sent { .. }));
    assert_eq!(push.send(&message("dead-1")).await.unwrap(), SendAnswer::Gone);
    assert!(push.send(&message("quota-1")).await.is_err(), "over quota: later");
    assert_eq!(sandbox.state().calls("push.token"), 1, "one token for all");

    let sms = Sms::new(SmsSettings {
        api_url: sandbox.url(),
        client_id: "sms-client".into(),
        client_secret: Secret::new("sms-secret"),
        sender: "tel:+2250000".into(),
        sender_name: Some("TERANGA".into()),
    });
    let sent = sms.unwrap().send("+2250700000000", "Votre code est 123456").await.unwrap();
    let kept = sandbox.state().sms().remove(0);
    assert_eq!(sent, SendAnswer::Sent { provider_message_id: Some(kept.id) });

    let mailer = Mailer::new(&MailerSettings {
        smtp_url: Secret::new(sandbox.smtp_url()),
        from: "Teranga <no-reply@teranga.test>".into(),
        development: true,
    });
    let mail = Email {
        to: "awa@example.org".into(),
        subject: "Réservation confirmée : Abidjan → Yamoussoukro, demain à 8 h".into(),
        text: "Bonjour Awa,\nvotre place est réservée.".into(),
        html: Some("<p>Bonjour <b>Awa</b></p>".into()),
        message_id: "delivery-1".into(),
    };
    assert!(matches!(mailer.unwrap().send(&mail).await.unwrap(), SendAnswer::Sent { .. }));
    let kept = sandbox.state().mails().remove(0);
    assert_eq!((&kept.subject, &kept.text, &kept.html), (&mail.subject, &mail.text, &mail.html));
    assert!(kept.message_id.unwrap().contains("delivery-1"));
}
