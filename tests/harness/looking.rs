//! What a test sees from outside: messages that arrived, and whether anything at all changed in the database.

use crate::{app::TestApp, people::Person};
use sandbox::{Mail, Sms};
use sqlx::AssertSqlSafe;
use std::collections::BTreeMap;

impl TestApp {
    /// The texts a phone received, oldest first.
    pub fn texts_to(&self, phone: &str) -> Vec<Sms> {
        self.wave.state().sms().into_iter().filter(|sms| sms.to == phone).collect()
    }

    /// The mails an address received, oldest first.
    pub fn mails_to(&self, address: &str) -> Vec<Mail> {
        self.wave.state().mails().into_iter().filter(|mail| mail.recipients.iter().any(|to| to == address)).collect()
    }

    /// Lets the carriers work, then reads the newest code off the phone.
    pub async fn code_on(&self, phone: &str) -> String {
        self.drain().await;
        let texts = self.texts_to(phone);
        digits(&texts.last().unwrap_or_else(|| panic!("no text came to {phone}")).text)
    }

    /// Lets the carriers work, then reads the newest code out of the mailbox.
    pub async fn code_in(&self, mailbox: &str) -> String {
        self.drain().await;
        let mails = self.mails_to(mailbox);
        digits(&mails.last().unwrap_or_else(|| panic!("no mail came to {mailbox}")).text)
    }

    /// How the messages of one kind to one person stand, by channel: `(channel, status, error)`.
    pub async fn deliveries(&self, to: &Person, kind: &str) -> Vec<(String, String, Option<String>)> {
        sqlx::query_as(
            "select d.channel, d.status, d.error from deliveries d
             join notifications n on n.org_id = d.org_id and n.id = d.notification_id
             where n.user_id = $1 and n.kind = $2 order by d.channel, d.created_at",
        )
        .bind(to.id.0)
        .bind(kind)
        .fetch_all(&self.owner)
        .await
        .unwrap()
    }

    /// Every row of every table, hashed: two equal pictures mean that nothing changed between them.
    pub async fn picture(&self) -> BTreeMap<String, String> {
        let tables: Vec<String> = sqlx::query_scalar(
            "select format('%I.%I', schemaname, tablename) from pg_tables
             where schemaname in ('public', 'queue') and tablename not in ('spatial_ref_sys', '_sqlx_migrations', 'clock')",
        )
        .fetch_all(&self.owner)
        .await
        .unwrap();
        let mut picture = BTreeMap::new();
        for table in tables {
            let sql = format!(
                "select count(*) || ' ' || coalesce(md5(string_agg(t::text, ',' order by t::text)), '') from {table} t"
            );
            let rows: String = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&self.owner).await.unwrap();
            picture.insert(table, rows);
        }
        picture
    }
}

/// The first run of six digits.
fn digits(text: &str) -> String {
    let runs = text.split(|c: char| !c.is_ascii_digit());
    runs.into_iter().find(|run| run.len() == 6).unwrap_or_else(|| panic!("no code in {text}")).to_owned()
}
