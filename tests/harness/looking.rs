//! What a test sees from outside: messages that arrived, and whether anything at all changed in the database.

use crate::{app::TestApp, people::Person};
use sandbox::{Mail, Sms};
use sqlx::AssertSqlSafe;
use std::{collections::BTreeMap, sync::atomic::Ordering};

/// Tables whose rows change without an event of their own, and why. Everything else that belongs to a tenant is audited
/// in its own commit (U2).
pub const NOT_AUDITED: [(&str, &str); 9] = [
    ("accounts", "a sum of entries, opened by the first of them"),
    ("audit_events", "the trail itself"),
    ("deliveries", "how a message travels is the carriers' own affair"),
    ("entries", "written for good: the books are a trail of their own"),
    ("idempotency_keys", "an answer kept for whoever asks again"),
    ("inbound_events", "a provider's word, kept as it came"),
    ("ledger_transactions", "written for good: the books are a trail of their own"),
    ("notifications", "told because of something that is in the trail, and read by whom it was told"),
    ("operations", "keeps its own steps"),
];

/// Tables that requests change with an event and carriers without one.
const CARRIED: [(&str, &str); 6] = [
    ("broadcasts", "counts whom its walk has told"),
    ("invitations", "its letter travels like a delivery"),
    ("payments", "counts the calls made for it"),
    ("person_exports", "its document is made, and forgotten, for the operation that asked"),
    ("report_pieces", "written, and forgotten, for the operation that asked"),
    ("reports", "its file is written, and forgotten, for the operation that asked"),
];

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

    /// For a test that wrote into a tenant's tables past the rules.
    pub fn forgive_unaudited(&self) {
        self.by_hand.store(true, Ordering::Relaxed);
    }

    /// Whatever transaction wrote a tenant's row as it is now also wrote an event, and wrote none twice: of every flow,
    /// whichever routes and carriers it went through (U1, U2).
    pub async fn assert_audited(&self) {
        if self.by_hand.load(Ordering::Relaxed) {
            return;
        }
        for table in self.tenant_tables().await {
            if NOT_AUDITED.iter().chain(&CARRIED).any(|(known, _)| *known == table) {
                continue;
            }
            let sql = format!(
                "select count(*) from {table} t where not exists (select from audit_events a where a.xmin = t.xmin)"
            );
            let silent: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&self.owner).await.unwrap();
            assert_eq!(silent, 0, "{table} has rows that were changed without an event");
        }
        let twice: Vec<(String, String, i64)> = sqlx::query_as(
            "select entity_type, action, count(*) from audit_events
             group by xmin::text, entity_type, entity_id, action, after having count(*) > 1",
        )
        .fetch_all(&self.owner)
        .await
        .unwrap();
        assert_eq!(twice, [], "one change, one event");
    }

    /// The tables that belong to tenants, as the catalogue knows them.
    pub async fn tenant_tables(&self) -> Vec<String> {
        sqlx::query_scalar(
            "select c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id'
             where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') order by 1",
        )
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
