//! Reading everything a person's copy shows. Rows are taken whole, so that a column of tomorrow is in the copy without
//! anybody thinking of it; what is left out is named.

use super::{Export, HOLDINGS};
use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::*,
};
use serde_json::{Map, Value, json};

/// Adds what a query answers under the name of its section.
macro_rules! section {
    ($tx:ident, $copy:ident, $name:literal, $sql:literal, $($argument:expr),*) => {
        let rows = sqlx::query_scalar!($sql, $($argument),*).fetch_one($tx.conn()).await?;
        $copy.insert($name.to_owned(), rows);
    };
}

/// What belongs to the person wherever they are.
///
/// # Errors
/// A fault when the database fails.
pub async fn gather_person(tx: &mut Tx, user: UserId) -> Result<Map<String, Value>> {
    let mut copy = Map::new();
    copy.insert("about".to_owned(), about(tx, user));
    section!(tx, copy, "profile", r#"select to_jsonb(u) as "rows!" from users u where u.id = $1"#, user.0);
    section!(
        tx,
        copy,
        "identities",
        r#"select coalesce(jsonb_agg(to_jsonb(i) - 'user_id' order by i.created_at, i.kind), '[]') as "rows!"
           from identities i where i.user_id = $1"#,
        user.0
    );
    section!(
        tx,
        copy,
        "credentials",
        r#"select coalesce(jsonb_agg(to_jsonb(c) - 'user_id' - 'secret_hash' order by c.kind), '[]') as "rows!"
           from credentials c where c.user_id = $1"#,
        user.0
    );
    section!(
        tx,
        copy,
        "sessions",
        r#"select coalesce(jsonb_agg(to_jsonb(s) - 'user_id' - 'family_id' - 'refresh_hash' - 'token_hash' order by s.created_at), '[]')
                  as "rows!" from sessions s where s.user_id = $1"#,
        user.0
    );
    section!(
        tx,
        copy,
        "devices",
        r#"select coalesce(jsonb_agg(to_jsonb(d) - 'user_id' order by d.created_at), '[]') as "rows!"
           from devices d where d.user_id = $1"#,
        user.0
    );
    section!(
        tx,
        copy,
        "codes",
        r#"select coalesce(jsonb_agg(to_jsonb(c) order by c.created_at), '[]') as "rows!" from one_time_codes c
           where c.target in (select i.value from identities i where i.user_id = $1)"#,
        user.0
    );
    Ok(copy)
}

/// Whose copy it is, and what is left out of it and why.
fn about(tx: &Tx, user: UserId) -> Value {
    let left_out: Vec<Value> = HOLDINGS
        .iter()
        .filter_map(|holding| match holding.export {
            Export::Not(why) => Some(json!({ "what": holding.table, "why": why })),
            Export::As(_) => None,
        })
        .chain([
            json!({ "what": "password and token hashes", "why": "they protect the account and say nothing about you" }),
            json!({ "what": "rows about other people", "why": "they are theirs to ask for" }),
        ])
        .collect();
    json!({ "person": user, "made_at": tx.now(), "left_out": left_out })
}

/// What the organization of this transaction holds about the person.
///
/// # Errors
/// A fault when the database fails, or when something sealed does not open.
pub async fn gather_here(tx: &mut Tx, user: UserId) -> Result<Value> {
    let org = tx.org()?;
    let mut copy = Map::new();
    let named = sqlx::query!("select slug, name from organizations where id = $1", org.0).fetch_one(tx.conn()).await?;
    copy.insert("organization".to_owned(), json!({ "id": org, "slug": named.slug, "name": named.name }));
    membership(tx, user, &mut copy).await?;
    belongings(tx, user, &mut copy).await?;
    money(tx, user, &mut copy).await?;
    messages(tx, user, &mut copy).await?;
    doings(tx, user, &mut copy).await?;
    Ok(Value::Object(copy))
}

/// What they lead, keep at hand, have every week, and show to other calendars.
async fn kept_at_hand(tx: &mut Tx, user: UserId, copy: &mut Map<String, Value>) -> Result<()> {
    let org = tx.org()?;
    section!(
        tx,
        copy,
        "departments",
        r#"select coalesce(jsonb_agg(jsonb_build_object('id', d.id, 'name', d.name) order by d.created_at), '[]') as "rows!"
           from departments d where d.org_id = $1 and d.manager_user_id = $2"#,
        org.0,
        user.0
    );
    section!(
        tx,
        copy,
        "series",
        r#"select coalesce(jsonb_agg(to_jsonb(s) - 'org_id' order by s.created_at), '[]') as "rows!" from booking_series s
           where s.org_id = $1 and (s.beneficiary_user_id = $2 or s.creator_user_id = $2)"#,
        org.0,
        user.0
    );
    section!(
        tx,
        copy,
        "calendars",
        r#"select coalesce(jsonb_agg(to_jsonb(f) - 'org_id' - 'user_id' - 'token_hash' order by f.created_at), '[]') as "rows!"
           from calendar_feeds f where f.org_id = $1 and f.user_id = $2"#,
        org.0,
        user.0
    );
    section!(
        tx,
        copy,
        "handed_over",
        r#"select coalesce(jsonb_agg(to_jsonb(i) - 'org_id' - 'user_id' order by i.created_at, i.uid), '[]') as "rows!"
           from calendar_imports i where i.org_id = $1 and i.user_id = $2"#,
        org.0,
        user.0
    );
    section!(
        tx,
        copy,
        "favourites",
        r#"select coalesce(jsonb_agg(to_jsonb(f) - 'org_id' - 'user_id' order by f.created_at), '[]') as "rows!"
           from favourites f where f.org_id = $1 and f.user_id = $2"#,
        org.0,
        user.0
    );
    Ok(())
}

async fn membership(tx: &mut Tx, user: UserId, copy: &mut Map<String, Value>) -> Result<()> {
    let org = tx.org()?;
    section!(
        tx,
        copy,
        "membership",
        r#"select to_jsonb(m) as "rows!" from memberships m where m.org_id = $1 and m.user_id = $2"#,
        org.0,
        user.0
    );
    section!(
        tx,
        copy,
        "roles",
        r#"select coalesce(jsonb_agg(to_jsonb(r) - 'org_id' - 'user_id' order by r.role), '[]') as "rows!"
           from membership_roles r where r.org_id = $1 and r.user_id = $2"#,
        org.0,
        user.0
    );
    section!(
        tx,
        copy,
        "invitations",
        r#"select coalesce(jsonb_agg(to_jsonb(i) - 'org_id' - 'token_hash' order by i.created_at), '[]') as "rows!"
           from invitations i
           where i.org_id = $1 and (i.accepted_by = $2 or i.contact in (select x.value from identities x where x.user_id = $2))"#,
        org.0,
        user.0
    );
    section!(
        tx,
        copy,
        "preferences",
        r#"select coalesce(jsonb_agg(to_jsonb(p) - 'org_id' - 'user_id'), '[]') as "rows!"
           from preferences p where p.org_id = $1 and p.user_id = $2"#,
        org.0,
        user.0
    );
    kept_at_hand(tx, user, copy).await?;
    let documents = sqlx::query!(
        r#"select to_jsonb(k) - 'org_id' - 'user_id' - 'doc_number' as "shown!", k.doc_number from kyc_documents k
           where k.org_id = $1 and k.user_id = $2 order by k.created_at"#,
        org.0,
        user.0
    )
    .fetch_all(tx.conn())
    .await?;
    let mut shown = Vec::new();
    for document in documents {
        let mut open = document.shown;
        open["doc_number"] = opened(tx, crate::kyc::SEAL, &document.doc_number)?;
        shown.push(open);
    }
    copy.insert("identity_documents".to_owned(), shown.into());
    Ok(())
}

async fn belongings(tx: &mut Tx, user: UserId, copy: &mut Map<String, Value>) -> Result<()> {
    let org = tx.org()?;
    section!(
        tx,
        copy,
        "things",
        r#"select coalesce(jsonb_agg(to_jsonb(r) - 'org_id' order by r.created_at), '[]') as "rows!"
           from resources r where r.org_id = $1 and r.owner_user_id = $2"#,
        org.0,
        user.0
    );
    section!(
        tx,
        copy,
        "trips",
        r#"select coalesce(jsonb_agg(
                      to_jsonb(t) - 'org_id' || jsonb_build_object(
                          'origin', st_asgeojson(t.origin)::jsonb, 'destination', st_asgeojson(t.destination)::jsonb,
                          'stops', (select coalesce(jsonb_agg(to_jsonb(s) - 'org_id' - 'trip_id' || jsonb_build_object(
                                                                  'point', st_asgeojson(s.point)::jsonb)
                                                              order by s.position), '[]')
                                    from trip_stops s where s.org_id = t.org_id and s.trip_id = t.id))
                      order by t.created_at), '[]') as "rows!"
           from trips t where t.org_id = $1 and t.driver_user_id = $2"#,
        org.0,
        user.0
    );
    section!(
        tx,
        copy,
        "bookings",
        r#"select coalesce(jsonb_agg(
                      to_jsonb(b) - 'org_id' || jsonb_build_object(
                          'items', (select coalesce(jsonb_agg(to_jsonb(i) - 'org_id' - 'booking_id'
                                                              order by i.created_at, i.unit_label), '[]')
                                    from booking_items i where i.org_id = b.org_id and i.booking_id = b.id))
                      order by b.created_at), '[]') as "rows!"
           from bookings b where b.org_id = $1 and (b.creator_user_id = $2 or b.beneficiary_user_id = $2)"#,
        org.0,
        user.0
    );
    section!(
        tx,
        copy,
        "waitlist",
        r#"select coalesce(jsonb_agg(
                      to_jsonb(e) - 'org_id' || jsonb_build_object(
                          'offers', (select coalesce(jsonb_agg(to_jsonb(o) - 'org_id' - 'ranking' order by o.created_at), '[]')
                                     from offers o where o.org_id = e.org_id and o.queue_entry_id = e.id),
                          'alternatives', (select coalesce(jsonb_agg(to_jsonb(a) - 'org_id' order by a.created_at), '[]')
                                           from alternatives a where a.org_id = e.org_id and a.queue_entry_id = e.id))
                      order by e.created_at), '[]') as "rows!"
           from queue_entries e where e.org_id = $1 and e.user_id = $2"#,
        org.0,
        user.0
    );
    Ok(())
}

/// Tickets they bought, corrections of what they have, codes they used, who brought whom, and what they were fined.
async fn given(tx: &mut Tx, user: UserId, copy: &mut Map<String, Value>) -> Result<()> {
    let org = tx.org()?;
    section!(
        tx,
        copy,
        "tickets",
        r#"select coalesce(jsonb_agg(to_jsonb(s) - 'org_id' - 'user_id' order by s.created_at), '[]') as "rows!"
           from ticket_purchases s where s.org_id = $1 and s.user_id = $2"#,
        org.0,
        user.0
    );
    section!(
        tx,
        copy,
        "corrections",
        r#"select coalesce(jsonb_agg(to_jsonb(j) - 'org_id' - 'user_id' order by j.created_at), '[]') as "rows!"
           from wallet_adjustments j where j.org_id = $1 and j.user_id = $2"#,
        org.0,
        user.0
    );
    section!(
        tx,
        copy,
        "redemptions",
        r#"select coalesce(jsonb_agg(to_jsonb(r) - 'org_id' - 'user_id' order by r.created_at), '[]') as "rows!"
           from promo_redemptions r where r.org_id = $1 and r.user_id = $2"#,
        org.0,
        user.0
    );
    section!(
        tx,
        copy,
        "referrals",
        r#"select coalesce(jsonb_agg(to_jsonb(f) - 'org_id' order by f.created_at), '[]') as "rows!" from referrals f
           where f.org_id = $1 and (f.referrer_user_id = $2 or f.referee_user_id = $2)"#,
        org.0,
        user.0
    );
    section!(
        tx,
        copy,
        "fines",
        r#"select coalesce(jsonb_agg(to_jsonb(f) - 'org_id' - 'user_id' order by f.created_at), '[]') as "rows!"
           from fines f where f.org_id = $1 and f.user_id = $2"#,
        org.0,
        user.0
    );
    Ok(())
}

async fn money(tx: &mut Tx, user: UserId, copy: &mut Map<String, Value>) -> Result<()> {
    let org = tx.org()?;
    section!(
        tx,
        copy,
        "payout_destinations",
        r#"select coalesce(jsonb_agg(to_jsonb(d) - 'org_id' - 'user_id' order by d.created_at), '[]') as "rows!"
           from payout_destinations d where d.org_id = $1 and d.user_id = $2"#,
        org.0,
        user.0
    );
    given(tx, user, copy).await?;
    section!(
        tx,
        copy,
        "payments",
        r#"select coalesce(jsonb_agg(to_jsonb(p) - 'org_id' - 'user_id' - 'provider_key' - 'callback_digest' order by p.created_at), '[]')
                  as "rows!" from payments p where p.org_id = $1 and p.user_id = $2"#,
        org.0,
        user.0
    );
    section!(
        tx,
        copy,
        "accounts",
        r#"select coalesce(jsonb_agg(to_jsonb(a) - 'org_id' order by a.created_at, a.id), '[]') as "rows!"
           from accounts a where a.org_id = $1 and a.owner_type = 'user' and a.owner_id = $2"#,
        org.0,
        user.0
    );
    section!(
        tx,
        copy,
        "ledger",
        r#"select coalesce(jsonb_agg(to_jsonb(e) - 'org_id' || jsonb_build_object('kind', t.kind, 'memo', t.memo,
                                         'subject_type', t.subject_type, 'subject_id', t.subject_id,
                                         'occurred_at', t.occurred_at)
                                     order by e.id), '[]') as "rows!"
           from accounts a join entries e on e.org_id = a.org_id and e.account_id = a.id
           join ledger_transactions t on t.org_id = e.org_id and t.id = e.transaction_id
           where a.org_id = $1 and a.owner_type = 'user' and a.owner_id = $2"#,
        org.0,
        user.0
    );
    let events = sqlx::query!(
        r#"select to_jsonb(v) - 'org_id' - 'body' as "shown!", v.body
           from payments p join inbound_events v on v.org_id = p.org_id and v.payment_id = p.id
           where p.org_id = $1 and p.user_id = $2 order by v.received_at"#,
        org.0,
        user.0
    )
    .fetch_all(tx.conn())
    .await?;
    let mut shown = Vec::new();
    for event in events {
        let mut open = event.shown;
        open["body"] = opened(tx, crate::payments::EVENT_SEAL, &event.body)?;
        shown.push(open);
    }
    copy.insert("provider_events".to_owned(), shown.into());
    Ok(())
}

async fn messages(tx: &mut Tx, user: UserId, copy: &mut Map<String, Value>) -> Result<()> {
    let org = tx.org()?;
    section!(
        tx,
        copy,
        "notifications",
        r#"select coalesce(jsonb_agg(
                      to_jsonb(n) - 'org_id' - 'user_id' || jsonb_build_object(
                          'deliveries', (select coalesce(jsonb_agg(to_jsonb(d) - 'org_id' - 'notification_id'
                                                                   order by d.created_at, d.channel), '[]')
                                         from deliveries d where d.org_id = n.org_id and d.notification_id = n.id))
                      order by n.created_at), '[]') as "rows!"
           from notifications n where n.org_id = $1 and n.user_id = $2"#,
        org.0,
        user.0
    );
    section!(
        tx,
        copy,
        "broadcasts",
        r#"select coalesce(jsonb_agg(to_jsonb(b) - 'org_id' - 'member_ids' order by b.created_at), '[]') as "rows!"
           from broadcasts b where b.org_id = $1 and b.sender_id = $2"#,
        org.0,
        user.0
    );
    Ok(())
}

/// What they did. What was changed about others is shown without its contents.
async fn doings(tx: &mut Tx, user: UserId, copy: &mut Map<String, Value>) -> Result<()> {
    let org = tx.org()?;
    section!(
        tx,
        copy,
        "operations",
        r#"select coalesce(jsonb_agg(to_jsonb(o) - 'org_id' order by o.created_at), '[]') as "rows!"
           from operations o where o.org_id = $1 and o.actor_id = $2"#,
        org.0,
        user.0
    );
    section!(
        tx,
        copy,
        "audit",
        r#"select coalesce(jsonb_agg(case when a.entity_id = $2 then to_jsonb(a) - 'org_id'
                                          else to_jsonb(a) - 'org_id' - 'before' - 'after' - 'meta' end order by a.id), '[]')
                  as "rows!" from audit_events a where a.org_id = $1 and (a.actor_id = $2 or a.entity_id = $2)"#,
        org.0,
        user.0
    );
    section!(
        tx,
        copy,
        "reports",
        r#"select coalesce(jsonb_agg(to_jsonb(r) - 'org_id' - 'user_id' order by r.created_at), '[]') as "rows!"
           from reports r where r.org_id = $1 and r.user_id = $2"#,
        org.0,
        user.0
    );
    section!(
        tx,
        copy,
        "copies",
        r#"select coalesce(jsonb_agg(to_jsonb(x) - 'org_id' - 'user_id' - 'document' order by x.created_at), '[]')
                  as "rows!" from person_exports x where x.org_id = $1 and x.user_id = $2"#,
        org.0,
        user.0
    );
    Ok(())
}

/// What was sealed, in clear: JSON where it is, else text. What was emptied is nothing.
fn opened(tx: &Tx, purpose: &str, sealed: &[u8]) -> Result<Value> {
    if sealed.is_empty() {
        return Ok(Value::Null);
    }
    let plain = tx.keys()?.open(purpose, sealed)?;
    let text = String::from_utf8(plain).map_err(|_| Fault::corrupt("sealed", "not text"))?;
    Ok(serde_json::from_str(&text).unwrap_or(Value::String(text)))
}
