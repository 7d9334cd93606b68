//! How long it takes to say what is free (SN11, F4): 10 000 units over 90 days with a million bookings, a search over
//! everything as a client asks it and the page of one resource, with the plan the database chose.

use crate::figure::percentile;
use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    bookings::{
        Moment, When,
        availability::{self, Search},
    },
    db::{Db, Scope, Tx},
    ids::*,
    inventory::Kind,
    paging::Page,
};
use harness::TestApp;
use sqlx::AssertSqlSafe;
use std::time::Instant;

pub const FIGURE: &str = "availability";
const SITES: i32 = 20;
const RESOURCES: i32 = 2_000;
const UNITS: i32 = 10_000;
const BOOKINGS: i32 = 1_000_000;
const DAYS: i32 = 90;
const ROUNDS: usize = 60;
const WARM: usize = 5;
/// What the page promises (issue 5).
const SEARCH_LIMIT_MS: f64 = 300.0;
const PAGE_LIMIT_MS: f64 = 50.0;

/// Measures, prints, and says whether the promise is kept.
pub async fn measure() -> Result<(), String> {
    let app = TestApp::start().await;
    let person = app.rider().await;
    let filling = Instant::now();
    fill(&app).await;
    println!("bench availability filled in {:.0} s", filling.elapsed().as_secs_f64());
    let resources: Vec<uuid::Uuid> = sqlx::query_scalar("select id from resources where kind = 'room' order by name")
        .fetch_all(&app.owner)
        .await
        .unwrap();
    let now = app.now().await;
    let mut kept = true;
    for (name, people, features, explain) in [
        ("search", 1, vec![], false),
        ("search_features", 8, vec!["projector".to_owned()], false),
        ("explain_page", 1, vec![], true),
    ] {
        let mut waits = Vec::new();
        for round in 0..ROUNDS + WARM {
            let search = wish(person.id, now, round, people, features.clone());
            let started = Instant::now();
            let found = look(&app.db, app.org, search, explain).await?;
            if round >= WARM {
                waits.push(started.elapsed().as_secs_f64() * 1_000.0);
            }
            assert!(found > 0, "{name}: nothing is free");
        }
        kept &= report(name, waits, SEARCH_LIMIT_MS);
    }
    let (mut weeks, mut figures) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS + WARM {
        let resource = ResourceId(resources[round * 31 % resources.len()]);
        let started = Instant::now();
        let mut tx = app.db.begin(Scope::system(app.org)).await.map_err(|error| error.to_string())?;
        let days = availability::week(&mut tx, resource, None, 7).await.map_err(|error| error.to_string())?;
        let week = started.elapsed().as_secs_f64() * 1_000.0;
        let stats = availability::stats(&mut tx, resource).await.map_err(|error| error.to_string())?;
        availability::upcoming(&mut tx, resource).await.map_err(|error| error.to_string())?;
        assert!(days.len() == 7 && stats.total_bookings > 100, "{stats:?}");
        if round >= WARM {
            weeks.push(week);
            figures.push(started.elapsed().as_secs_f64() * 1_000.0);
        }
    }
    kept &= report("week", weeks, PAGE_LIMIT_MS);
    kept &= report("page", figures, PAGE_LIMIT_MS);
    println!("{}", plan(&app, wish(person.id, now, 0, 1, vec![])).await?);
    app.release();
    if kept { Ok(()) } else { Err("availability: a promise was missed".to_owned()) }
}

fn report(name: &str, mut waits: Vec<f64>, limit: f64) -> bool {
    waits.sort_by(f64::total_cmp);
    let (p50, p95) = (percentile(&waits, 50), percentile(&waits, 95));
    println!(
        "bench availability {name} units={UNITS} bookings={BOOKINGS} days={DAYS} p50_ms={p50:.1} p95_ms={p95:.1} limit_ms={limit:.0}"
    );
    p95 <= limit
}

/// Two hours of some afternoon within the ninety days.
fn wish(user: UserId, now: DateTime<Utc>, round: usize, people: i32, features: Vec<String>) -> Search {
    let day = TimeDelta::days(1 + i64::try_from(round).unwrap() * 7 % i64::from(DAYS - 2));
    let start = (now + day).date_naive().and_hms_opt(14, 0, 0).unwrap().and_utc();
    let when = When::Range { start: Moment::Instant(start), end: Moment::Instant(start + TimeDelta::hours(2)) };
    Search { user, when, people, quantity: 1, features, kinds: vec![Kind::Room], site: None }
}

async fn look(db: &Db, org: OrgId, search: Search, explain: bool) -> Result<i64, String> {
    let page = Page { limit: 20, offset: 0 };
    let mut tx = db.begin(Scope::system(org)).await.map_err(|error| error.to_string())?;
    if explain {
        return Ok(availability::explain(&mut tx, search, page).await.map_err(|error| error.to_string())?.total);
    }
    Ok(availability::search(&mut tx, search, page).await.map_err(|error| error.to_string())?.total)
}

/// Sites with hours, rooms with units under four policies, and bookings of two hours that never overlap: a hundred of each
/// unit, spread over the days and the hours of the day.
async fn fill(app: &TestApp) {
    let (org, each) = (app.org, BOOKINGS / UNITS);
    let sql = format!(
        "insert into sites (org_id, id, name, timezone) select '{org}', gen_random_uuid(), 'Site ' || n,
             (array['Europe/Paris', 'Africa/Abidjan', 'Asia/Kathmandu'])[1 + n % 3] from generate_series(1, {SITES}) n;
         insert into opening_hours (org_id, site_id, weekday, opens, closes)
             select '{org}', s.id, day, 360, 1440 from sites s, generate_series(1, 7) day;
         insert into policies (org_id, id, name, applies_to, rules) select '{org}', gen_random_uuid(), 'Policy ' || n, 'room',
             jsonb_build_object('grid_minutes', 15, 'max_minutes', 480 + n) from generate_series(1, 4) n;
         create temp table thing as select gen_random_uuid() as id, n from generate_series(1, {RESOURCES}) n;
         insert into resources (org_id, id, kind, name, site_id, policy_id, capacity, features)
             select '{org}', t.id, 'room', 'Room ' || t.n,
                    (select id from sites where name = 'Site ' || (1 + t.n % {SITES})),
                    (select id from policies where name = 'Policy ' || (1 + t.n % 4)), 1 + t.n % 20,
                    case when t.n % 5 = 0 then array['projector'] else '{{}}' end from thing t;
         create temp table piece as select gen_random_uuid() as id, t.id as resource, g.n, row_number() over () as k
             from thing t, generate_series(1, {UNITS} / {RESOURCES}) g (n);
         insert into units (org_id, id, resource_id, label) select '{org}', id, resource, n::text from piece;
         create temp table slot as
             select gen_random_uuid() as booking, p.id as unit, p.resource, p.n::text as label,
                    date_trunc('day', app_now()) + make_interval(hours => 2 * ((b * 11 + p.k::int * 7) % ({DAYS} * 12))) as starts,
                    (p.k - 1) * {each} + b as number
             from piece p, generate_series(1, {each}) b;
         insert into bookings (org_id, id, code, resource_id, creator_user_id, beneficiary_user_id, status, start_at, end_at,
                               timezone, quantity, price, currency, policy_snapshot, kind)
             select '{org}', booking, 'B' || upper(lpad(to_hex(number), 7, '0')), resource, m.id, m.id, 'confirmed', starts,
                    starts + interval '2 hours', 'Africa/Abidjan', 1, 0, 'XOF', '{{}}', 'room'
             from slot, (select id from users limit 1) m;
         insert into booking_items (org_id, id, booking_id, resource_id, unit_id, unit_label)
             select '{org}', gen_random_uuid(), booking, resource, unit, label from slot;
         insert into claims (org_id, id, unit_id, during, source, source_id)
             select '{org}', gen_random_uuid(), unit, tstzrange(starts, starts + interval '2 hours'), 'booking', booking from slot;
         vacuum analyze"
    );
    let mut one = app.owner.acquire().await.unwrap(); // its temporary tables are seen by nobody else
    for statement in sql.split(';') {
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut *one).await.unwrap();
    }
}

/// The plan of the very statement that was measured: the session knows it as a prepared one.
async fn plan(app: &TestApp, search: Search) -> Result<String, String> {
    let mut tx: Tx = app.db.begin(Scope::system(app.org)).await.map_err(|error| error.to_string())?;
    let page = Page { limit: 20, offset: 0 };
    availability::search(&mut tx, search, page).await.map_err(|error| error.to_string())?;
    let name: String = sqlx::query_scalar(
        "select name from pg_prepared_statements where statement like 'with ground as%' order by prepare_time desc limit 1",
    )
    .fetch_one(tx.conn())
    .await
    .map_err(|error| format!("the search is not prepared: {error}"))?;
    let zero = uuid::Uuid::nil();
    let grounds: Vec<String> = sqlx::query_scalar(
        "select format('%s|%s|%s', r.kind, coalesce(r.policy_id, $1), coalesce(r.site_id, $1)) from resources r
         where r.kind = 'room' group by r.kind, r.policy_id, r.site_id",
    )
    .bind(zero)
    .fetch_all(tx.conn())
    .await
    .map_err(|error| error.to_string())?;
    let part = |at: usize| {
        let parts: Vec<&str> = grounds.iter().map(|ground| ground.split('|').nth(at).unwrap()).collect();
        format!("array['{}']", parts.join("', '"))
    };
    let all = |value: &str| format!("array_fill({value}, array[{}])", grounds.len());
    let (first, last) = ("app_now() + interval '1 day'", "app_now() + interval '1 day 2 hours'");
    let sql = format!(
        "explain (analyze, buffers, costs off, timing off) execute \"{name}\"('{}', {}, {}::uuid[], {}::uuid[], {}, {}, {}, {},
             app_now(), {first}, {last}, 1, true, '{{}}', 1, 20, 0)",
        app.org,
        part(0),
        part(1),
        part(2),
        all(&format!("'{zero}'::uuid")),
        all(first),
        all(last),
        all("''::text")
    );
    let lines: Vec<String> =
        sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(tx.conn()).await.map_err(|error| error.to_string())?;
    Ok(lines.join("\n"))
}
