//! The wall between organizations (B2–B4, CX10, ★16): at the door by walking every described route with another house's
//! ids, and below the application by asking the database itself.

use crate::walk::{self, Route, house::House};
use harness::{Answer, Person, TestApp, story::uuid};
use reqwest::Method;
use sandbox::Faults;
use serde_json::{Value, json};

/// Routes that serve the installation: only the operator's own people steer it.
const INSTALLATION: &str = "/api/v1/ops/";
/// A provider proves itself with its signature; the account in the path says whose house it is.
const WEBHOOKS: &str = "/api/v1/webhooks/";
/// A calendar is shown to whoever knows its secret address.
const CALENDARS: &str = "/api/v1/calendars/";
/// What belongs to a person wherever they are, and asks for no organization.
const PERSONAL: [&str; 10] = [
    "get /api/v1/me",
    "get /api/v1/auth/me", // the same by its older path
    "delete /api/v1/me",
    "get /api/v1/organizations",
    "get /api/v1/me/devices",
    "post /api/v1/me/devices",
    "delete /api/v1/me/devices/{id}",
    "get /api/v1/auth/sessions",
    "delete /api/v1/auth/sessions",
    "delete /api/v1/auth/sessions/{id}",
];
/// The same, and ends the session that asks, or names the organization that is to be entered.
const PERSONAL_ALWAYS: [&str; 3] =
    ["post /api/v1/auth/logout", "post /api/v1/auth/join", "post /api/v1/auth/password/change"];

/// Somebody at home in one house, and another house.
struct Walk<'a> {
    app: &'a TestApp,
    document: Value,
    ours: House,
    theirs: House,
    /// Every id of the other house, and words that stand only there.
    marks: Vec<String>,
    requests: usize,
    leaks: Vec<String>,
}

impl Walk<'_> {
    async fn ask(&mut self, route: &Route, by: &Person, address: &str, body: Option<&Value>) -> Answer {
        self.requests += 1;
        route.ask(self.app, by, address, body, &uuid()).await
    }

    fn leak(&mut self, route: &Route, what: &str, answer: &Answer) {
        self.leaks.push(format!("{} {what}: {} {}", route.name(), answer.status, answer.body));
    }

    /// What was sent may come back in a refusal; nothing else of the other house may, nor that in an answer.
    fn look(&mut self, route: &Route, what: &str, answer: &Answer, sent: &[&str]) {
        let text = answer.body.to_string();
        let refused = answer.status >= 400;
        let seen =
            self.marks.iter().find(|mark| text.contains(mark.as_str()) && !(refused && sent.contains(&mark.as_str())));
        if let Some(mark) = seen.cloned() {
            self.leak(route, &format!("{what} shows {mark}"), answer);
        }
        if answer.status >= 500 {
            self.leak(route, &format!("{what} breaks"), answer);
        }
    }

    /// Their things in our path: there is no such thing.
    async fn path(&mut self, route: &Route) {
        let address = route.address(&self.theirs);
        let (by, expected) = match route.path.as_str() {
            path if path.starts_with(INSTALLATION) => (self.theirs.admin.clone(), (403, "forbidden")),
            path if path.starts_with(WEBHOOKS) => (self.ours.admin.clone(), (401, "webhook_invalid_signature")),
            path if path.starts_with(CALENDARS) => (self.ours.admin.clone(), (401, "token_invalid")),
            _ => (self.ours.admin.clone(), (404, "not_found")),
        };
        let mut body = route.body(&self.document, &self.ours);
        // a body that names what the path names must not name another
        for name in &route.in_path {
            if let Some(field) = body.as_mut().and_then(|body| body.get_mut(name)) {
                *field = self.theirs.id(&walk::kinds::of_path(&route.path, name), &route.name()).into();
            }
        }
        let answer = self.ask(route, &by, &address, body.as_ref()).await;
        self.look(route, "path", &answer, &[]);
        if (answer.status, answer.code()) != expected {
            self.leak(route, "path", &answer);
        }
        // and one of their things in a house of ours
        if let [first, second] = route.in_path.as_slice()
            && first == "id"
            && !route.path.starts_with(WEBHOOKS)
        {
            let kind = walk::kinds::of_path(&route.path, second);
            let (our_org, their_thing) = (self.ours.org.to_string(), self.theirs.id(&kind, &route.name()).to_owned());
            let mixed = route.path.replace("{id}", &our_org).replace(&format!("{{{second}}}"), &their_thing);
            let answer = self.ask(route, &by, &mixed, body.as_ref()).await;
            self.look(route, "second id", &answer, &[]);
            if answer.status != 404 {
                self.leak(route, "second id", &answer);
            }
        }
    }

    /// Their things in our query: nothing is found.
    async fn query(&mut self, route: &Route) {
        let address = route.address(&self.ours);
        let bare = self.ask(route, &self.ours.admin.clone(), &address, None).await;
        self.look(route, "without ids", &bare, &[]);
        for (name, kind) in &route.in_query {
            let id = self.theirs.id(kind, &route.name()).to_owned();
            let answer = self.ask(route, &self.ours.admin.clone(), &format!("{address}?{name}={id}"), None).await;
            self.look(route, name, &answer, &[&id]);
            let empty = answer.body["data"].as_array().is_some_and(Vec::is_empty);
            if !empty && answer.status != 404 && answer.status != 400 {
                self.leak(route, name, &answer);
            }
        }
    }

    /// Their things in our body, one at a time: there is no such thing.
    async fn body(&mut self, route: &Route) {
        let address = route.address(&self.ours);
        for slot in &route.in_body {
            let id = self.theirs.id(&slot.kind, &route.name()).to_owned();
            let mut body = route.body(&self.document, &self.ours).unwrap();
            *slot.open(&mut body) = slot.shaped(&id);
            let what = slot.way.join("/");
            let answer = self.ask(route, &self.ours.admin.clone(), &address, Some(&body)).await;
            self.look(route, &what, &answer, &[&id]);
            if !(400..500).contains(&answer.status) {
                self.leak(route, &what, &answer);
            } else if answer.status != 404 {
                // the wall was not reached: something else was wrong with the request, or with how things stand
                println!("  {} {what}: refused with {} {}", route.name(), answer.status, answer.body["error"]);
            }
        }
    }

    /// Their house in our header: there is no such house.
    async fn header(&mut self, route: &Route) {
        if route.open || PERSONAL_ALWAYS.contains(&route.name().as_str()) {
            return;
        }
        let stranger = Person { org: self.theirs.org, ..self.ours.admin.clone() };
        let house = if PERSONAL.contains(&route.name().as_str()) { &self.theirs } else { &self.ours };
        let (address, body) = (route.address(house), route.body(&self.document, &self.ours));
        if route.path.starts_with("/api/v1/organizations/{id}") {
            return; // the path names the house; see above
        }
        if PERSONAL.contains(&route.name().as_str()) && route.writes() && route.in_path.is_empty() {
            return; // works everywhere, and would change something of our own
        }
        let answer = self.ask(route, &stranger, &address, body.as_ref()).await;
        self.look(route, "header", &answer, &[]);
        let personal = PERSONAL.contains(&route.name().as_str());
        if !personal && (answer.status, answer.code()) != (404, "not_found") {
            self.leak(route, "header", &answer);
        }
    }

    async fn walk(&mut self, route: &Route) {
        let before = self.app.picture().await;
        let asked = self.requests;
        if !route.in_path.is_empty() {
            self.path(route).await;
        }
        // who runs the installation sees every house's jobs
        if !route.writes() && !route.path.starts_with(INSTALLATION) {
            self.query(route).await;
        }
        self.body(route).await;
        self.header(route).await;
        if asked == self.requests {
            // it names nothing of anybody: whatever it says to a stranger must still be nothing of theirs
            let nobody = Person { token: "nobody".to_owned(), ..self.ours.admin.clone() };
            let (address, body) = (route.address(&self.ours), json!({ "nothing": "of that name" }));
            let answer = self.ask(route, &nobody, &address, Some(&body)).await;
            self.look(route, "bare", &answer, &[]);
        }
        let after = self.app.picture().await;
        let changed: Vec<&String> = after.keys().filter(|table| before.get(*table) != after.get(*table)).collect();
        if !changed.is_empty() {
            self.leaks.push(format!("{} changed {changed:?}", route.name()));
        }
    }
}

/// Two furnished houses, and what stands in one of them only.
async fn two_houses(app: &TestApp) -> (Vec<Route>, Walk<'_>) {
    app.wave.knobs().always("webhook", Faults { never: Some(true), ..Faults::default() });
    let (routes, document) = walk::routes(app).await;
    let other = app.other_organization("autocar").await;
    let theirs = House::furnish(app, other, "autocar", "Quokka", &routes, &document).await;
    let ours = House::furnish(app, app.org, &app.slug, "Ibrahim", &routes, &document).await;
    let mine = ours.everything(app).await;
    let mut marks: Vec<String> = theirs.everything(app).await.into_iter().filter(|id| !mine.contains(id)).collect();
    assert!(marks.len() > 30, "there is something to see");
    marks.extend(["Quokka", "quokka", "autocar"].map(str::to_owned));
    (routes, Walk { app, document, ours, theirs, marks, requests: 0, leaks: Vec::new() })
}

#[tokio::test]
async fn every_route_is_walked_with_another_houses_ids() {
    let app = TestApp::start().await;
    let (routes, mut walk) = two_houses(&app).await;
    let mut walked = 0;
    for route in &routes {
        let before = walk.requests;
        walk.walk(route).await;
        walked += usize::from(walk.requests > before);
    }
    println!("routes walked={walked} of {} requests={} leaks={}", routes.len(), walk.requests, walk.leaks.len());
    assert!(walk.leaks.is_empty(), "{:#?}", walk.leaks);
    assert_eq!(walked, routes.len(), "every route is walked");

    // and the same walk at home finds something: the 404s were about the wall, not about the paths
    let mut found = 0;
    // a calendar's secret is told once, when it is made; `flows/calendars.rs` opens one
    let open = |route: &&Route| !route.writes() && route.in_path.len() == 1 && !route.path.starts_with(CALENDARS);
    for route in routes.iter().filter(open) {
        let answer = walk.ask(route, &walk.ours.admin.clone(), &route.address(&walk.ours), None).await;
        let alone = answer.status == 403 || (answer.status == 404 && route.path.contains("/access-code"));
        assert!(answer.status == 200 || alone, "{}: {} {}", route.name(), answer.status, answer.body);
        found += usize::from(answer.status == 200);
    }
    assert!(found >= 12, "{found}");
    app.finish_expecting_dead(2).await;
}

#[tokio::test]
async fn without_a_house_the_services_see_nothing_of_anybody() {
    let app = TestApp::start().await;
    let _two = two_houses(&app).await;
    let tables = app.tenant_tables().await;
    let (mut read, mut seen, mut rows, mut bare) = (0, 0_i64, 0_i64, Vec::new());
    for table in &tables {
        let sql = format!("select count(*) from {table}");
        let there: i64 = sqlx::query_scalar(sqlx::AssertSqlSafe(sql.clone())).fetch_one(&app.owner).await.unwrap();
        // a connection as a service has it, with no house named: nothing, whatever the query forgets
        seen += sqlx::query_scalar::<_, i64>(sqlx::AssertSqlSafe(sql)).fetch_one(&app.pool).await.unwrap();
        rows += there;
        read += 1;
        if there == 0 {
            bare.push(table.as_str());
        }
    }
    println!("tenant tables read={read} of {} rows={rows} seen without a tenant={seen}", tables.len());
    assert_eq!((read, seen), (tables.len(), 0));
    // an empty table proves nothing: few may be, and those are named
    assert!(rows > 100 && bare.len() <= 5, "nothing stands in {bare:?}");
    app.finish_expecting_dead(2).await;
}

#[tokio::test]
async fn only_the_operators_organization_steers_what_serves_all() {
    let app = TestApp::start().await;
    let other = app.other_organization("autocar").await;
    let admin = app.person_in(other, "Ibrahim", &["admin"]).await;
    let (routes, _) = walk::routes(&app).await;
    let before = app.picture().await;
    for route in routes.iter().filter(|route| route.path.starts_with(INSTALLATION)) {
        let address = route.path.replace("{name}", "payments").replace("{id}", &uuid());
        let body = if address.ends_with("/cancel") { json!({ "reason": "a test" }) } else { json!({}) };
        let answer = route.ask(&app, &admin, &address, Some(&body), &uuid()).await;
        assert_eq!((answer.status, answer.code()), (403, "forbidden"), "{}: {}", route.name(), answer.body);
    }
    assert_eq!(app.picture().await, before);
    app.finish().await;
}

#[tokio::test]
async fn the_header_names_one_house_and_one_of_the_callers() {
    let app = TestApp::start().await;
    let other = app.other_organization("autocar").await;
    let (rider, stranger) = (app.rider().await, app.person_in(other, "Awa", &["member"]).await);
    let wallet = async |by: &Person, houses: &[&str]| {
        let ask = app.ask(Method::GET, "/wallet").bearer(&by.token);
        houses.iter().fold(ask, |ask, house| ask.within(house)).send().await
    };
    // B3, CX10: optional for who has one house, checked all the same
    wallet(&rider, &[]).await.expect(200);
    for house in [app.slug.as_str(), &app.org.to_string()] {
        wallet(&rider, &[house]).await.expect(200);
    }
    for house in ["autocar", &other.to_string(), "nowhere", "", "%00", &uuid(), &"a".repeat(300)] {
        wallet(&rider, &[house]).await.refused(404, "not_found");
    }
    wallet(&rider, &[&app.slug, "autocar"]).await.refused(400, "validation_error");
    wallet(&stranger, &[&app.slug]).await.refused(404, "not_found");
    // required for who has several
    app.ask(Method::POST, "/auth/join").bearer(&rider.token).within("autocar").send().await.expect(200);
    wallet(&rider, &[]).await.refused(400, "org_required");
    wallet(&rider, &["autocar"]).await.expect(200);
    // and a house that is closed by its operator is no house
    sqlx::query("update organizations set status = 'suspended' where slug = 'autocar'")
        .execute(&app.owner)
        .await
        .unwrap();
    wallet(&rider, &["autocar"]).await.refused(404, "not_found");
    wallet(&rider, &[]).await.expect(200);
    app.finish().await;
}
