//! People of a story: real accounts, reachable by push, mail and SMS, signed in.

use crate::app::TestApp;
use chrono::TimeDelta;
use domain::{
    db::Scope,
    identity::{self, Identifier, NewPerson},
    ids::*,
    organizations,
};
use std::sync::atomic::{AtomicU64, Ordering};

/// Somebody signed in.
#[derive(Debug, Clone)]
pub struct Person {
    pub id: UserId,
    pub session: SessionId,
    pub org: OrgId,
    pub token: String,
    pub refresh_token: String,
    pub phone: String,
    pub email: String,
}

static NEXT: AtomicU64 = AtomicU64::new(1);

impl TestApp {
    /// Somebody with these roles, a phone, a mailbox, a device and a verified payout number.
    pub async fn person(&self, name: &str, roles: &[&str]) -> Person {
        self.person_in(self.org, name, roles).await
    }

    /// The same in another organization of the installation.
    pub async fn person_in(&self, org: OrgId, name: &str, roles: &[&str]) -> Person {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let phone = format!("+22507{number:08}");
        let email = format!("{}{number}@allocar.test", name.to_lowercase());
        let mut tx = self.db.begin(Scope::system(org)).await.unwrap();
        let person = NewPerson {
            identifier: Identifier::email(&email).unwrap(),
            password_hash: None,
            full_name: name.to_owned(),
            locale: Some("fr".into()),
        };
        let id = identity::create_person(&mut tx, &person).await.unwrap();
        for role in roles {
            organizations::members::grant(&mut tx, id, role).await.unwrap();
        }
        let tokens = identity::open_session(&mut tx, id, &["otp"], Some("test")).await.unwrap();
        identity::devices::register(&mut tx, id, "android", &format!("device-{number}")).await.unwrap();
        tx.commit().await.unwrap();
        self.prove_phone(id, &phone).await;
        if roles.contains(&"driver") {
            let mut tx = self.db.begin(Scope::system(org)).await.unwrap();
            identity::set_destination(&mut tx, id, "wave", &phone, name).await.unwrap();
            tx.commit().await.unwrap();
        }
        let token = self.api.tokens.issue(id, tokens.session).unwrap();
        Person { id, session: tokens.session, org, token, refresh_token: tokens.refresh_token, phone, email }
    }

    pub async fn rider(&self) -> Person {
        self.person("Awa", &["member"]).await
    }

    pub async fn driver(&self) -> Person {
        self.person("Koffi", &["driver"]).await
    }

    /// What a code on the phone would have proved; the flows of `identity` show that path.
    async fn prove_phone(&self, user: UserId, phone: &str) {
        sqlx::query("insert into identities (user_id, kind, value, verified_at) values ($1, 'phone', $2, now())")
            .bind(user.0)
            .bind(phone)
            .execute(&self.owner)
            .await
            .unwrap();
    }

    /// Moves business time ahead, for this test's database alone.
    pub async fn advance(&self, by: TimeDelta) {
        sqlx::query(
            "insert into clock (ahead) values (make_interval(secs => $1))
             on conflict (only_row) do update set ahead = clock.ahead + make_interval(secs => $1)",
        )
        .bind(by.num_milliseconds() as f64 / 1_000.0)
        .execute(&self.owner)
        .await
        .unwrap();
    }
}
