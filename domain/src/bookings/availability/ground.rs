//! Things booked under the same rules, on the same clocks, at the same hours are judged together: a search asks the rules
//! once for all of them, by the functions that judge a booking.

use super::Search;
use crate::{
    bookings::{Booking, Status, eligible, hours::open_enough, items::claimed, plan, planned::could_have, when::Times},
    db::Tx,
    error::{Error, Fault, Result},
    ids::*,
    inventory::{Kind, hours, units::Span},
    money::Money,
    organizations,
    policies::{self, Rules},
};
use chrono::Days;
use chrono_tz::Tz;
use serde_json::Value;
use std::collections::{BTreeMap, btree_map::Entry};
use uuid::Uuid;

/// Things of one ground that no rule forbids at the time asked for.
#[derive(Debug, Clone)]
pub(super) struct Ground {
    pub kind: Kind,
    pub policy: Option<Uuid>,
    pub site: Option<Uuid>,
    /// The resource, where it has hours of its own.
    pub own_hours: Option<Uuid>,
    /// What would be claimed.
    pub claimed: Span,
    /// Features whose units are for others.
    pub reserved: Vec<String>,
}

struct Row {
    kind: Kind,
    policy_id: Option<Uuid>,
    site_id: Option<Uuid>,
    own_hours: Option<Uuid>,
    example: ResourceId,
    timezone: String,
    policy: Option<Value>,
    settings: Value,
}

/// What the rules say to a person, at a time.
type Verdicts = BTreeMap<(Kind, Option<Uuid>, i64, i64), bool>;

/// The grounds on which something may be booked as asked for.
pub(super) async fn grounds(tx: &mut Tx, search: &Search) -> Result<Vec<Ground>> {
    let rows = rows(tx, search).await?;
    let mut rules: BTreeMap<(Kind, Option<Uuid>), Rules> = BTreeMap::new();
    for row in &rows {
        if let Entry::Vacant(place) = rules.entry((row.kind, row.policy_id)) {
            place.insert(policies::in_force(row.policy.clone(), row.kind, row.settings.clone())?);
        }
    }
    let mut open = Vec::new();
    let mut unheard = None;
    for row in rows {
        let zone: Tz = row.timezone.parse().map_err(|e| Fault::corrupt("sites.timezone", e))?;
        let rules = &rules[&(row.kind, row.policy_id)];
        match plan::times(tx.now(), rules, zone, search.quantity, search.when, None) {
            Ok(times) => open.push((row, zone, times)),
            Err(Error::Refused(refusal)) => unheard = Some(refusal),
            Err(fault) => return Err(fault),
        }
    }
    // a time that no clock shows, or two, is a question to whoever asks, not a reason for an empty list
    if let Some(refusal) = unheard.filter(|refusal| open.is_empty() && refusal.code() != "policy_violation") {
        return Err(refusal.into());
    }
    let Some(first) = open.iter().map(|(_, _, times)| times.span.start).min() else { return Ok(Vec::new()) };
    let last = open.iter().map(|(_, _, times)| times.span.end).max().unwrap_or(first);
    let from = first.date_naive() - Days::new(1);
    let all = hours::on_days(tx, from, last.date_naive() + Days::new(1)).await?;
    let (mut verdicts, mut grounds) = (Verdicts::new(), Vec::new());
    let price = Money { amount: 0, currency: organizations::load(tx).await?.currency };
    for (row, zone, times) in open {
        let rules = &rules[&(row.kind, row.policy_id)];
        let schedule = all.schedule(row.own_hours, row.site_id);
        if open_enough(&schedule, rules, zone, times.span).is_err() {
            continue;
        }
        let booking = probe(tx, search, &row, (rules, zone, times, price));
        if may(tx, &mut verdicts, &row, &booking).await? {
            let reserved = eligible::reserved(tx, search.user, rules).await?;
            let Row { kind, policy_id: policy, site_id: site, own_hours, .. } = row;
            grounds.push(Ground { kind, policy, site, own_hours, claimed: claimed(&booking), reserved });
        }
    }
    Ok(grounds)
}

async fn may(tx: &mut Tx, verdicts: &mut Verdicts, row: &Row, booking: &Booking) -> Result<bool> {
    let (start, end) = (booking.start_at.timestamp_micros(), booking.end_at.timestamp_micros());
    let key = (row.kind, row.policy_id, start, end);
    if let Some(known) = verdicts.get(&key) {
        return Ok(*known);
    }
    let verdict = match could_have(tx, booking).await {
        Ok(()) => true,
        Err(Error::Refused(_)) => false,
        Err(fault) => return Err(fault),
    };
    verdicts.insert(key, verdict);
    Ok(verdict)
}

async fn rows(tx: &mut Tx, search: &Search) -> Result<Vec<Row>> {
    let org = tx.org()?;
    Ok(sqlx::query_as!(
        Row,
        r#"select r.kind as "kind: Kind", r.policy_id, r.site_id, h.resource_id as "own_hours?",
                  (array_agg(r.id))[1] as "example!: ResourceId", coalesce(s.timezone, o.timezone) as "timezone!",
                  rules_in_force($1, r.policy_id, r.kind) as policy, o.settings
           from resources r join organizations o on o.id = r.org_id
           left join sites s on s.org_id = r.org_id and s.id = r.site_id
           left join (select distinct resource_id from opening_hours where org_id = $1 and resource_id is not null) h
                on h.resource_id = r.id
           where r.org_id = $1 and r.owner_user_id is null and r.kind <> 'trip' and r.deleted_at is null
             and r.status = 'active' and (cardinality($2::text[]) = 0 or r.kind = any($2))
             and ($3::uuid is null or r.site_id = $3)
           group by r.kind, r.policy_id, r.site_id, h.resource_id, coalesce(s.timezone, o.timezone), o.settings"#,
        org.0,
        &search.kind_codes(),
        search.site_id()
    )
    .fetch_all(tx.conn())
    .await?)
}

/// The booking that somebody thinks of, as far as rules about people ask: it is never written.
fn probe(tx: &Tx, search: &Search, row: &Row, (rules, zone, times, price): (&Rules, Tz, Times, Money)) -> Booking {
    Booking {
        id: BookingId::new(),
        code: String::new(),
        kind: row.kind,
        resource: row.example,
        creator: search.user,
        beneficiary: search.user,
        status: Status::Draft,
        payment_status: "none".into(),
        start_at: times.span.start,
        end_at: times.span.end,
        timezone: zone,
        local: times.local,
        period: times.period,
        quantity: search.quantity,
        participants: search.people,
        purpose: None,
        price,
        commission: price,
        policy: rules.clone(),
        note: None,
        hold_expires_at: None,
        reason_code: None,
        cancelled_at: None,
        checked_in_at: None,
        started_at: None,
        ended_at: None,
        due_at: None,
        overdue_at: None,
        release_at: None,
        version: 1,
        created_at: tx.now(),
    }
}
