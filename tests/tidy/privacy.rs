//! No table that names people is forgotten when one of them asks what is held about them (W4, SN26): the catalogue of a
//! living database is compared with the list the product keeps.

use crate::{expect_complaint, expect_tidy};
use domain::privacy::{Export, HOLDINGS};
use harness::TestDatabase;
use sqlx::PgPool;
use std::collections::BTreeSet;

/// Columns that hold a person's id without being about them: who did something to a thing that is another's.
/// What they did is in their audit trail.
const ONLY_WHO_DID_IT: [(&str, &str, &str); 7] = [
    ("alternatives", "proposed_by", "who proposed; the wish is its holder's"),
    ("booking_items", "handed_over_by", "who handed out; the loan is its borrower's"),
    ("bookings", "cancelled_by", "who cancelled; the booking is its parties'"),
    ("fines", "waived_by", "who waived; the fine is its debtor's"),
    ("invitations", "invited_by", "who invited; the invitation is its guest's"),
    ("kyc_documents", "reviewed_by", "who reviewed; the document is its holder's"),
    ("offers", "made_by", "who offered; the wish is its holder's"),
];

/// Every column of `public` that refers to people: by a foreign key, or by what it is called.
async fn columns(db: &PgPool) -> Vec<(String, String)> {
    sqlx::query_as(
        "select distinct t.relname::text, a.attname::text
         from pg_class t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
         where t.relnamespace = 'public'::regnamespace and t.relkind in ('r', 'p')
           and (exists (select from pg_constraint k where k.conrelid = t.oid and k.contype = 'f'
                        and (k.confrelid = 'users'::regclass and a.attnum = any (k.conkey)
                             or k.confrelid = 'memberships'::regclass and a.attnum = k.conkey[2]))
                or a.atttypid in ('uuid'::regtype, 'uuid[]'::regtype)
                   and a.attname ~ '(^|_)(user|users|member|members|actor|owner|sender)_ids?$|_by$'
                or t.relname = 'users' and a.attname = 'id')
         order by 1, 2",
    )
    .fetch_all(db)
    .await
    .unwrap()
}

async fn unlisted(db: &PgPool) -> Vec<String> {
    let columns = columns(db).await;
    let listed: BTreeSet<&str> = HOLDINGS.iter().map(|holding| holding.table).collect();
    let excused = |table: &str, column: &str| ONLY_WHO_DID_IT.iter().any(|(t, c, _)| (*t, *c) == (table, column));
    let named = columns.iter().filter(|(table, column)| !excused(table, column));
    let mut complaints: Vec<String> = named
        .filter(|(table, _)| !listed.contains(table.as_str()))
        .map(|(table, column)| format!("{table}.{column} names people, and {table} is not among the holdings"))
        .collect();
    let gone =
        ONLY_WHO_DID_IT.iter().filter(|(t, c, _)| !columns.iter().any(|(table, column)| table == t && column == c));
    complaints.extend(gone.map(|(table, column, _)| format!("{table}.{column} is excused and is not there")));
    let tables: Vec<String> = sqlx::query_scalar("select tablename::text from pg_tables where schemaname = 'public'")
        .fetch_all(db)
        .await
        .unwrap();
    let missing = listed.iter().filter(|listed| !tables.iter().any(|table| table == *listed));
    complaints.extend(missing.map(|table| format!("{table} is among the holdings and not in the database")));
    complaints
}

#[tokio::test]
async fn what_is_held_about_people_is_listed() {
    let mut database = TestDatabase::create().await;
    let db = database.owner().await;
    assert!(columns(&db).await.len() > 20, "the catalogue was read");
    expect_tidy(&unlisted(&db).await);
    let twice = HOLDINGS.len() - HOLDINGS.iter().map(|holding| holding.table).collect::<BTreeSet<_>>().len();
    assert_eq!(twice, 0, "each table once");
    for holding in HOLDINGS {
        let (Export::As(words) | Export::Not(words)) = holding.export;
        assert!(!words.is_empty() && !holding.erasure.is_empty(), "{}", holding.table);
    }
    db.close().await;
    database.drop_now().await;
}

#[tokio::test]
async fn a_table_nobody_thought_of_is_seen() {
    let mut database = TestDatabase::create().await;
    let db = database.owner().await;
    let damage = "
        create table diaries (org_id uuid, id uuid, writer uuid references users, primary key (org_id, id));
        create table clubs (org_id uuid, id uuid, chair uuid, primary key (org_id, id),
                            foreign key (org_id, chair) references memberships);
        create table polls (org_id uuid, id uuid, asked_by uuid, primary key (org_id, id));
        alter table trips add column sold_by uuid;
        alter table bookings drop column cancelled_by;
        drop table spent_refresh_tokens;";
    sqlx::raw_sql(damage).execute(&db).await.unwrap();
    let complaints = unlisted(&db).await;
    for about in [
        "diaries.writer names people",
        "clubs.chair names people",
        "polls.asked_by names people",
        "bookings.cancelled_by is excused",
        "spent_refresh_tokens is among the holdings",
    ] {
        expect_complaint(&complaints, about);
    }
    assert_eq!(complaints.len(), 5, "{complaints:?}");
    db.close().await;
    database.drop_now().await;
}
