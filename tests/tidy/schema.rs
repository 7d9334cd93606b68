//! The tenant wall and the books, read from a living database rather than from the files that made it.

use crate::{expect_complaint, expect_tidy};
use harness::TestDatabase;
use sqlx::{AssertSqlSafe, PgPool};

/// Tables of nobody's organization, and why.
const GLOBAL: [(&str, &str); 13] = [
    ("_sqlx_migrations", "which migrations were applied"),
    ("clock", "how far business time is ahead: nothing in production"),
    ("credentials", "a person's, across organizations"),
    ("devices", "a person's, across organizations"),
    ("identities", "a person's, across organizations"),
    ("invariant_checks", "counts over all organizations"),
    ("one_time_codes", "asked for before anybody is known"),
    ("organizations", "the list of tenants is public"),
    ("sessions", "a person's, across organizations"),
    ("spatial_ref_sys", "PostGIS' own"),
    ("spent_refresh_tokens", "a person's, across organizations"),
    ("users", "people are known across organizations"),
    ("zone_updates", "which editions of the zones' laws were applied to all bookings"),
];

/// Unique keys of tenant data that do not begin with the organization, and why.
const WITHOUT_ORG: [(&str, &str); 3] = [
    ("calendar_feeds_token_key", "a calendar is asked for by its secret before anybody knows the organization"),
    ("provider_accounts_id", "a webhook names the account before anybody knows the organization"),
    (
        "provider_accounts_secrets_once",
        "one wallet belongs to one organization: its money cannot be told apart otherwise",
    ),
];

/// Tables nobody changes after the fact.
const APPEND_ONLY: [&str; 4] = ["audit_events", "entries", "ledger_closings", "ledger_transactions"];

/// The holes in the wall, each of which answers ids.
const HOLES: [(&str, &str); 32] = [
    ("awaited_resources", "a sweep"),
    ("admission", "who sends a request is asked before an organization is chosen"),
    ("check_invariant", "promises are re-checked over all organizations"),
    ("claims_during", "a search by time, within the organization of the session: range operators are not leakproof"),
    ("days_to_reconcile", "a sweep"),
    ("ended_bookings", "a sweep"),
    ("due_reminders", "a sweep"),
    ("erase_audit", "the one change the trail allows: personal fields of somebody who was erased"),
    ("erasure_blockers", "whoever wants to be forgotten must have nothing unfinished anywhere"),
    ("expired_offers", "a sweep"),
    ("forget_event_bodies", "retention"),
    ("forget_exports", "retention"),
    ("forget_idempotency_keys", "retention"),
    ("forget_reports", "retention"),
    ("keep_history", "days of the jobs' history are made and dropped, which only their owner may"),
    ("forget_invitations", "retention"),
    ("locate_calendar_feed", "a calendar is asked for by its secret alone"),
    ("locate_callback", "an unsigned callback names a payment before anybody knows the organization"),
    ("locate_provider_account", "a webhook names an account"),
    ("missed_check_ins", "a sweep"),
    ("my_memberships", "a person asks where they belong before an organization is chosen"),
    ("overdue_holds", "a sweep"),
    ("overdue_loans", "a sweep"),
    ("provider_secret_refs", "which secrets a process must hold"),
    ("request_of_trace", "an operator follows any organization's job back to its request: an id"),
    ("silent_payments", "a sweep"),
    ("threatened_bookings", "a sweep"),
    ("unfinished_payout_runs", "a sweep"),
    ("unfinished_work", "a sweep"),
    ("useless_entries", "a sweep"),
    ("waiting_deliveries", "a sweep"),
    ("waiting_events", "a sweep"),
];

async fn rows<T>(db: &PgPool, sql: &'static str) -> Vec<T>
where
    T: for<'r> sqlx::FromRow<'r, sqlx::postgres::PgRow> + Send + Unpin,
{
    sqlx::query_as(sql).fetch_all(db).await.unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// Every table of `public` is somebody's: behind the wall, or named as nobody's.
async fn wall(db: &PgPool) -> Vec<String> {
    let tables: Vec<(String, bool, bool, bool, bool)> = rows(
        db,
        "select c.relname::text,
                exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'org_id'),
                coalesce((select a.attnotnull from pg_attribute a where a.attrelid = c.oid and a.attname = 'org_id'), false),
                c.relrowsecurity,
                exists (select from pg_policies p where p.schemaname = 'public' and p.tablename = c.relname
                        and p.cmd = 'ALL' and p.permissive = 'PERMISSIVE' and p.qual = '(org_id = app_org())'
                        and coalesce(p.with_check, p.qual) = p.qual)
                and not exists (select from pg_policies p where p.schemaname = 'public' and p.tablename = c.relname
                                and p.qual is distinct from '(org_id = app_org())')
         from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') order by 1",
    )
    .await;
    let mut complaints = Vec::new();
    for (table, has_org, required, secured, policed) in &tables {
        match (has_org, GLOBAL.iter().any(|(name, _)| name == table)) {
            (false, true) => continue,
            (false, false) => complaints.push(format!("{table} has no org_id and is not listed as global")),
            (true, true) => complaints.push(format!("{table} has an org_id and is listed as global")),
            (true, false) if !required => complaints.push(format!("{table}: org_id may be null")),
            (true, false) => {}
        }
        if *has_org && !(*secured && *policed) {
            complaints
                .push(format!("{table} lacks row-level security with the policy org_id = app_org(), and no other"));
        }
    }
    let gone = GLOBAL.iter().filter(|(name, _)| !tables.iter().any(|(table, ..)| table == name));
    complaints.extend(gone.map(|(name, _)| format!("{name} is listed as global and is not there")));
    complaints
}

/// Keys of tenant data begin with the organization, and so do references between them.
async fn org_first(db: &PgPool) -> Vec<String> {
    let indexes: Vec<(String, String, Option<String>, bool)> = rows(
        db,
        "select t.relname::text, i.relname::text,
                (select a.attname::text from pg_attribute a where a.attrelid = t.oid and a.attnum = x.indkey[0]), x.indisprimary
         from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
         where t.relnamespace = 'public'::regnamespace and (x.indisunique or x.indisexclusion)
           and exists (select from pg_attribute a where a.attrelid = t.oid and a.attname = 'org_id') order by 1, 2",
    )
    .await;
    let mut complaints = Vec::new();
    for (table, index, first, _) in &indexes {
        let excused = WITHOUT_ORG.iter().any(|(name, _)| name == index);
        if (first.as_deref() == Some("org_id")) == excused {
            complaints.push(format!("{table}: the key {index} begins with {first:?}, excused: {excused}"));
        }
    }
    let keyless: Vec<(String,)> = rows(
        db,
        "select c.relname::text from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
           and not exists (select from pg_index x where x.indrelid = c.oid and x.indisprimary) order by 1",
    )
    .await;
    complaints.extend(keyless.into_iter().map(|(table,)| format!("{table} has no primary key")));
    let references: Vec<(String, String, String, String)> = rows(
        db,
        "select t.relname::text, k.conname::text, a.attname::text, b.attname::text
         from pg_constraint k join pg_class t on t.oid = k.conrelid
         join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
         join pg_attribute b on b.attrelid = k.confrelid and b.attnum = k.confkey[1]
         where k.contype = 'f' and t.relnamespace = 'public'::regnamespace
           and exists (select from pg_attribute o where o.attrelid = k.confrelid and o.attname = 'org_id') order by 1, 2",
    )
    .await;
    let astray = references.into_iter().filter(|(_, _, from, to)| from != "org_id" || to != "org_id");
    complaints.extend(
        astray.map(|(table, key, from, to)| format!("{table}: the reference {key} goes from {from} to {to} first")),
    );
    complaints
}

/// Kept plans are made as if every organization were large (migration `plans_for_large_organizations`).
async fn planned_large(db: &PgPool) -> Vec<String> {
    let small: Vec<(String,)> = rows(
        db,
        "select c.relname::text from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'org_id'
         where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
           and not coalesce(a.attoptions @> array['n_distinct=10'], false) order by 1",
    )
    .await;
    let ask = "alter column org_id set (n_distinct = 10)";
    small.into_iter().map(|(table,)| format!("{table} is planned for small organizations: {ask}")).collect()
}

/// The role of the services: no power over the wall, no way to change what was written for good.
async fn weak_role(db: &PgPool) -> Vec<String> {
    let mut complaints = Vec::new();
    let powers: Vec<(String,)> = rows(
        db,
        "select power from pg_roles, lateral (values
                    ('is a superuser', rolsuper), ('bypasses row-level security', rolbypassrls), ('creates databases', rolcreatedb),
                    ('creates roles', rolcreaterole), ('logs in itself', rolcanlogin), ('replicates', rolreplication),
                    ('creates tables', has_schema_privilege(oid, 'public', 'create') or has_schema_privilege(oid, 'queue', 'create')),
                    ('belongs to another role', exists (select from pg_auth_members m where m.member = pg_roles.oid)),
                    ('owns a thing', exists (select from pg_class where relowner = pg_roles.oid)
                                  or exists (select from pg_proc where proowner = pg_roles.oid)
                                  or exists (select from pg_namespace where nspowner = pg_roles.oid)
                                  or exists (select from pg_database where datdba = pg_roles.oid)))
                as held (power, has) where rolname = 'teranga_app' and has",
    )
    .await;
    complaints.extend(powers.into_iter().map(|(power,)| format!("teranga_app {power}")));
    let grants: Vec<(String, String)> = rows(
        db,
        "select c.relname::text, p.privilege from pg_class c,
                unnest(array['insert', 'update', 'delete', 'truncate', 'references', 'trigger']) as p (privilege)
         where c.relkind = 'r' and c.relnamespace in ('public'::regnamespace, 'queue'::regnamespace)
           and (has_table_privilege('teranga_app', c.oid, p.privilege)
                or p.privilege in ('insert', 'update') and has_any_column_privilege('teranga_app', c.oid, p.privilege)) order by 1, 2",
    )
    .await;
    for (table, privilege) in grants {
        let written_for_good = APPEND_ONLY.contains(&table.as_str()) && privilege != "insert";
        let structure = ["truncate", "references", "trigger"].contains(&privilege.as_str());
        let owners_only = ["clock", "_sqlx_migrations", "spatial_ref_sys"].contains(&table.as_str());
        if written_for_good || structure || owners_only {
            complaints.push(format!("teranga_app may {privilege} {table}"));
        }
    }
    complaints
}

/// Even the owner is stopped by a trigger.
async fn append_only(db: &PgPool, tables: &[&str]) -> Vec<String> {
    let mut complaints = Vec::new();
    for table in tables {
        for statement in
            [format!("update {table} set org_id = org_id where false"), format!("delete from {table} where false")]
        {
            if sqlx::raw_sql(AssertSqlSafe(statement.clone())).execute(db).await.is_ok() {
                complaints.push(format!("the database lets through: {statement}"));
            }
        }
    }
    complaints
}

/// Functions that run with the owner's rights are few, listed, pinned and closed to strangers.
async fn holes(db: &PgPool) -> Vec<String> {
    let functions: Vec<(String, bool, bool, bool)> = rows(
        db,
        "select p.proname::text, coalesce('search_path=public, pg_temp' = any(p.proconfig), false),
                has_function_privilege('public', p.oid, 'execute'), has_function_privilege('teranga_app', p.oid, 'execute')
         from pg_proc p where p.prosecdef and p.pronamespace in ('public'::regnamespace, 'queue'::regnamespace)
           and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e') order by 1",
    )
    .await;
    let mut complaints = Vec::new();
    for (name, pinned, open, ours) in &functions {
        let mut complain = |what: &str| complaints.push(format!("{name}() {what}"));
        if !HOLES.iter().any(|(known, _)| known == name) {
            complain("runs with the owner's rights and is not listed");
        }
        if !pinned {
            complain("has no fixed search_path of public, pg_temp");
        }
        if *open {
            complain("may be called by everybody");
        }
        if !ours {
            complain("may not be called by teranga_app: what is it for?");
        }
    }
    let gone = HOLES.iter().filter(|(known, _)| !functions.iter().any(|(name, ..)| name == known));
    complaints.extend(gone.map(|(known, _)| format!("{known}() is listed as a hole and is not there")));
    complaints
}

/// All rules over one database.
async fn everything(db: &PgPool) -> Vec<String> {
    let rules = [wall(db).await, org_first(db).await, weak_role(db).await, append_only(db, &APPEND_ONLY).await];
    [rules.concat(), holes(db).await, planned_large(db).await].concat()
}

#[tokio::test]
async fn the_wall_and_the_books_stand() {
    let mut database = TestDatabase::create().await;
    let db = database.owner().await;
    expect_tidy(&everything(&db).await);
    db.close().await;
    database.drop_now().await;
}

#[tokio::test]
async fn a_hole_in_the_wall_is_seen() {
    let mut database = TestDatabase::create().await;
    let db = database.owner().await;
    let damage = "
        create table open_house (org_id uuid not null references organizations, id uuid primary key);
        create table nobodys (id int);
        create table half_walled (org_id uuid, id uuid, room uuid references open_house (id), primary key (org_id, id));
        alter table half_walled enable row level security;
        create policy tenant on half_walled using (org_id = app_org());
        create policy guests on half_walled for select using (true);
        alter table bookings disable row level security;
        grant update (amount) on entries to teranga_app;
        grant delete on audit_events to teranga_app;
        grant insert on clock to teranga_app;
        drop trigger entries_append_only on entries;
        create function peek() returns bigint language sql security definer as 'select count(*) from bookings';
        grant execute on function overdue_holds(int) to public;
        drop function my_memberships(uuid);
        drop index provider_accounts_id;
        create unique index accounts_stray on accounts (id);";
    sqlx::raw_sql(damage).execute(&db).await.unwrap();
    let complaints = everything(&db).await;
    for about in [
        "open_house lacks row-level security",
        "the key open_house_pkey begins with",
        "open_house is planned for small organizations",
        "nobodys has no org_id",
        "nobodys has no primary key",
        "half_walled lacks row-level security",
        "half_walled: the reference half_walled_room_fkey",
        "bookings lacks row-level security",
        "teranga_app may update entries",
        "teranga_app may delete audit_events",
        "teranga_app may insert clock",
        "lets through: update entries",
        "peek() runs with the owner's rights",
        "peek() has no fixed search_path",
        "peek() may be called by everybody",
        "overdue_holds() may be called by everybody",
        "my_memberships() is listed",
        "the key accounts_stray begins with",
    ] {
        expect_complaint(&complaints, about);
    }
    db.close().await;
    database.drop_now().await;
}
