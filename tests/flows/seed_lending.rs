//! S1, university lending: the whole paper through its own paths, by a client that was written for it. It sends
//! `X-Org-Id` with every request and an `Idempotency-Key` where the paper asks for one.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::{
    db::Scope,
    ids::{OrgId, ProviderAccountId},
    money::Currency,
    organizations,
};
use futures::future::join_all;
use harness::{Answer, OlderClient, Person, Proof, TestApp, seed, uuid};
use serde_json::{Value, json};

/// What REQUIREMENTS names S1 as a source of.
const NEEDED: &str = "A11 A17 B1 B2 B3 B4 C2 C7 C12 C15 C26 C27 C37 D2 D10 D16 E1 E2 E3 E7 E8 E11 E13 E14 E15 E16 F10 G2 \
    G3 G8 G11 G17 G20 G22 G27 G31 G33 G34 G35 G36 G37 G50 G54 H1 H2 H3 H4 H5 H6 H7 H8 H9 H10 H11 H12 J21 L13 L14 Q9 R8 \
    T7 T8 T14 T15 T18 T24 U1 U2 U3 X4 X13 Y3 Y10 Y11 Y12 Y13 Y16 Y21 CX1 CX2 CX3 CX4 CX6 CX9 CX10 CX11 CX12 CX13 CX14 \
    CX15 CX17 CX18 CX21 CX22 CX23 CX24 CX26 CX27 CX29 CX36 CX37 CX39 CX44 CX47 CX50 CX53";

const EXCUSED: [(&str, &str); 2] = [
    ("Y11 Y12 Y16 Y21", "about the repository: README.md, migrations/README.md, docs/decisions, the repository itself"),
    ("CX37", "a no-show: tests/flows/seed_flexpark.rs"),
];

const PASSWORD: &str = "a password to look around with";

struct Story<'a> {
    app: &'a TestApp,
    proof: Proof,
    org: OrgId,
    /// The day it begins; days are counted from it.
    today: NaiveDate,
    /// Nobody, in the university.
    visitor: OlderClient<'a>,
    admin: OlderClient<'a>,
    staff: OlderClient<'a>,
    aminata: OlderClient<'a>,
    yves: OlderClient<'a>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn lending_by_its_own_paths() {
    let app = TestApp::start().await;
    let proof = Proof::of("seed_lending", NEEDED, &EXCUSED);
    let sown = seed::sow(&app.db, PASSWORD).await.unwrap();
    proof.holds("Y10", sown.iter().any(|sown| sown.slug == "universite" && sown.made > 10));
    let org = sqlx::query_scalar("select id from organizations where slug = 'universite'");
    let org: uuid::Uuid = org.fetch_one(&app.owner).await.unwrap();
    let visitor = OlderClient::new(&app).with("x-org-id", org.to_string());
    let login = async |name: &str| visitor.signed_in(&format!("{name}@universite.test"), PASSWORD).await;
    let (admin, staff) = (login("admin").await, login("pret").await);
    let (aminata, yves) = (login("aminata").await, login("yves").await);
    let today = app.now().await.date_naive();
    let story = Story { app: &app, proof, org: org.into(), today, visitor, admin, staff, aminata, yves };
    story.what_everybody_sees().await;
    story.tokens_and_organizations().await;
    story.admins_register_people().await;
    story.inventory().await;
    story.versions_and_removal().await;
    story.a_booking_is_asked_for().await;
    story.staff_decide().await;
    story.two_at_the_same_moment().await;
    story.a_line_and_its_offers().await;
    story.arbitration().await;
    story.late_and_fined().await;
    story.the_trail().await;
    story.proof.end();
    app.finish().await;
}

fn ids(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
}

/// What one thing adds to somebody's place in a line.
fn factor(entry: &Value, name: &str) -> i64 {
    let found = entry["factors"].as_array().unwrap().iter().find(|factor| factor["factor"] == name);
    found.map_or(0, |factor| factor["contribution"].as_i64().unwrap())
}

impl<'a> Story<'a> {
    /// A thing of the university that was made for this chapter, and its copies.
    async fn thing(&self, name: &str, copies: u8) -> (String, Vec<String>) {
        let units: Vec<Value> =
            (1..=copies).map(|n| json!({ "label": n.to_string(), "barcode": format!("{name}-{n}") })).collect();
        let body = json!({ "type": "equipment", "name": name, "queue_discipline": "score", "units": units });
        let id = self.staff.post("/resources", &body).await.expect(201).text("/id");
        let units = self.staff.get(&format!("/api/v1/resources/{id}/units")).await.expect(200).data("");
        (id, ids(&units))
    }

    fn moment(&self, days: i64, hour: u32) -> DateTime<Utc> {
        self.today.and_hms_opt(hour, 0, 0).unwrap().and_utc() + TimeDelta::days(days)
    }

    /// The paper's body: from when to when, which copies, what for.
    fn wanted(&self, unit: &str, days: i64) -> Value {
        json!({ "start_at": self.moment(days, 9), "end_at": self.moment(days, 17), "purpose": "Court métrage",
                "items": [{ "resource_unit_id": unit, "quantity": 1 }] })
    }

    async fn book(&self, by: &OlderClient<'_>, body: &Value) -> Answer {
        by.with("idempotency-key", uuid()).post("/bookings", body).await
    }

    async fn wait(&self, by: &OlderClient<'_>, thing: &str, days: i64) -> Answer {
        let body = json!({ "resource_id": thing, "start_at": self.moment(days, 9), "end_at": self.moment(days, 17) });
        by.post("/waitlist", &body).await
    }

    /// Somebody else of the university.
    async fn member(&self, role: &str) -> OlderClient<'a> {
        let person: Person = self.app.person_in(self.org, "Etudiant", &[role]).await;
        self.visitor.bearing(&person.token)
    }

    async fn what_everybody_sees(&self) {
        let Self { proof, visitor, aminata, .. } = self;
        proof.answers("T24 X4 CX29 C27", visitor.get("/health").await, 200);
        proof.answers("T18 Y13 C27", visitor.get("/openapi.json").await, 200);
        for path in ["/resources", "/bookings", "/waitlist", "/audit"] {
            proof.refuses("C26 C37", visitor.get(path).await, 401, "auth_required");
            proof.refuses("C26 C37", visitor.bearing("forged").get(path).await, 401, "token_invalid");
        }
        for path in ["/resources", "/api/v1/resources"] {
            proof.answers("A17 CX27", aminata.get(path).await, 200);
        }
    }

    async fn tokens_and_organizations(&self) {
        let Self { app, proof, visitor, aminata, org, .. } = self;
        let signed_in = visitor.sign_in("aminata@universite.test", PASSWORD).await;
        let signed_in = proof.answers("C12 C2 CX6 CX23", signed_in, 200);
        proof.same("C2", signed_in.text("/user/full_name"), "Aminata Cissé");
        let again = json!({ "refresh_token": signed_in.text("/refresh_token") });
        let fresh = proof.answers("C15 CX6", visitor.post("/auth/refresh", &again).await, 200);
        proof.answers("C15", visitor.bearing(&fresh.text("/access_token")).get("/bookings").await, 200);
        visitor.post("/auth/refresh", &again).await.refused(401, "refresh_token_reused");

        let university = aminata.get(&format!("/api/v1/organizations/{org}")).await.expect(200);
        proof.same(
            "B1",
            (university.text("/id"), university.text("/name")),
            (org.to_string(), "Université de Cocody".into()),
        );
        proof.same("B1 F10", university.text("/timezone"), "Africa/Abidjan");
        proof.holds("B1", university.data("/created_at").is_string());
        // the same person in another house: nobody
        for house in ["flexpark", "nowhere"] {
            for path in ["/resources", "/bookings", "/waitlist", "/audit"] {
                let foreign = aminata.with("x-org-id", house).get(path).await;
                proof.refuses("B2 B3 B4 C37 D2 CX10", foreign, 404, "not_found");
            }
        }
        let park = "select id::text from resources where kind = 'parking' limit 1";
        let park: String = sqlx::query_scalar(park).fetch_one(&app.owner).await.unwrap();
        proof.refuses("B2 B4", aminata.get(&format!("/resources/{park}")).await, 404, "not_found");
        let nowhere = OlderClient::new(app).post("/auth/register", &json!({ "email": "x@universite.test" })).await;
        proof.refuses("B3 CX10", nowhere, 400, "org_required");
    }

    async fn admins_register_people(&self) {
        let Self { app, proof, visitor, admin, aminata, org, .. } = self;
        let body = |email: &str, role: &str| json!({ "email": email, "password": PASSWORD, "full_name": "Ruth", "role": role });
        // a newcomer's wish to be an admin is heard by nobody
        visitor.post("/auth/register", &body("ruth@universite.test", "admin")).await.expect(201);
        let code = app.code_in("ruth@universite.test").await;
        let prove = json!({ "email": "ruth@universite.test", "purpose": "verify_email", "code": code });
        let ruth = visitor.signed_in("ruth@universite.test", PASSWORD).await;
        ruth.post("/api/v1/auth/otp/verify", &prove).await.expect(200);
        let roles = async |of: &OlderClient<'_>| of.get("/api/v1/me").await.expect(200).data("/membership/roles");
        proof.same("CX9 D2", roles(&ruth).await, json!(["student"]));

        let path = format!("/api/v1/organizations/{org}");
        admin.change(&path, &json!({ "registration": "closed" })).await.expect(200);
        for by in [visitor, aminata] {
            let refused = by.post("/auth/register", &body("paul@universite.test", "staff")).await;
            proof.refuses("C7 CX26", refused, 403, "registration_closed");
        }
        let made =
            proof.answers("C7 CX26", admin.post("/auth/register", &body("paul@universite.test", "staff")).await, 201);
        proof.same("D2", made.data("/roles"), json!(["staff"]));
        let known = admin.get(&format!("{path}/roles?page_size=100")).await.expect(200).data("");
        for role in ["student", "staff", "admin"] {
            proof.holds("D2", known.as_array().unwrap().iter().any(|one| one["name"] == role));
        }
    }

    async fn inventory(&self) {
        let Self { proof, staff, aminata, .. } = self;
        let body = json!({ "type": "equipment", "name": "Caméra Arri", "description": "Avec trépied", "serial_number": "SN-1",
                           "tags": ["Vidéo"], "units": [{ "label": "1", "barcode": "ARRI-1", "condition": "new" }, { "label": "2" }] });
        proof.refuses("E13 D10 C37", aminata.post("/resources", &body).await, 403, "forbidden");
        let made = proof.answers("E13 E7 D10", staff.post("/resources", &body).await, 201);
        let path = format!("/resources/{}", made.text("/id"));
        let read = proof.answers("E14", aminata.get(&path).await, 200);
        proof.same("E1 E7", (read.text("/kind"), read.text("/serial_number")), ("equipment".into(), "SN-1".into()));
        proof.same("E1 E8 CX22", (read.text("/status"), read.int("/version")), ("active".into(), 1));
        proof.holds("E1", read.data("/created_at").is_string() && read.data("/deleted_at").is_null());
        proof.holds("CX1", read.text("/id").parse::<uuid::Uuid>().is_ok());
        let units = aminata.get(&format!("/api/v1{path}/units")).await.expect(200);
        proof.same("E2", (units.text("/0/barcode"), units.text("/0/condition")), ("ARRI-1".into(), "new".into()));
        proof.same("E2", (units.data("").as_array().unwrap().len(), units.text("/0/status")), (2, "active".into()));

        let total = async |query: &str| {
            let list = aminata.get(&format!("/resources?{query}")).await.expect(200);
            list.body["meta"]["pagination"]["total"].as_i64().unwrap()
        };
        let all = total("type=equipment").await;
        proof.same("E11 CX4", total("type=equipment&status=AVAILABLE").await, all);
        proof.same("E11 E8", total("status=MAINTENANCE").await, 0);
        proof.same("E11 E3", (total("tag=Vid%C3%A9o").await, total("tag=Audio").await), (3, 2));
        proof.same("E11", total("q=trépied").await, 1);
        proof.same("E11 CX4", (total("created_from=2020-01-01").await, total("created_to=2020-01-01").await), (all, 0));
        let page = proof.answers("CX2", aminata.get("/resources?page=2&page_size=2&sort=-name").await, 200);
        proof.same("CX2", page.body["meta"]["pagination"]["page_count"].as_i64(), Some((all + 1) / 2));
        let first = aminata.get("/resources?sort=name&page_size=1").await.expect(200).text("/0/name");
        let last = aminata.get("/resources?sort=-name&page_size=1").await.expect(200).text("/0/name");
        proof.holds("E11 CX3", first < last);
        proof.refuses("CX3", aminata.get("/resources?sort=colour").await, 400, "validation_error");
    }

    async fn versions_and_removal(&self) {
        let Self { proof, staff, aminata, .. } = self;
        let (id, units) = self.thing("Pied Manfrotto", 1).await;
        let path = format!("/resources/{id}");
        let seen = staff.get(&path).await.expect(200).header("etag").unwrap().to_owned();
        let patch = json!({ "status": "MAINTENANCE" });
        proof.refuses("T14 CX14 E15", staff.patch(&path, &patch).await, 428, "precondition_required");
        let refused = aminata.with("if-match", &seen).patch(&path, &patch).await;
        proof.refuses("D10", refused, 403, "forbidden");
        let changed = proof.answers("E15 T14 CX13", staff.with("if-match", &seen).patch(&path, &patch).await, 200);
        proof.same("E8 CX44", changed.text("/status"), "maintenance");
        proof.holds("T14", changed.header("etag").is_some_and(|tag| tag != seen));
        proof.refuses("T15", staff.with("if-match", &seen).patch(&path, &patch).await, 412, "version_mismatch");
        proof.refuses("G20 CX44", self.book(aminata, &self.wanted(&units[0], 3)).await, 409, "state_conflict");
        staff.change(&path, &json!({ "status": "AVAILABLE" })).await.expect(200);
        proof.answers("E15 CX13", staff.change(&path, &json!({ "description": "Avec rotule" })).await, 200);

        let booked = self.book(aminata, &self.wanted(&units[0], 3)).await.expect(201).text("/id");
        proof.refuses("CX24", staff.delete(&path).await, 409, "bookings_in_the_way");
        aminata.post(&format!("/bookings/{booked}/cancel"), &json!({})).await.expect(200);
        let gone = proof.answers("E16 CX24", staff.delete(&path).await, 200);
        proof.holds("E16 E1", gone.data("/deleted_at").is_string());
        proof.refuses("G20 E16", self.book(aminata, &self.wanted(&units[0], 3)).await, 404, "not_found");
        let deleted = staff.get("/resources?include_deleted=true&q=Manfrotto").await;
        proof.same("E11", proof.answers("E11", deleted, 200).data("").as_array().unwrap().len(), 1);
        proof.answers("E16 CX24", staff.post(&format!("{path}/restore"), &json!({})).await, 200);
        let again = self.book(aminata, &self.wanted(&units[0], 3)).await;
        let again = proof.answers("E16", again, 201).text("/id");
        aminata.post(&format!("/bookings/{again}/cancel"), &json!({})).await.expect(200);
    }

    async fn a_booking_is_asked_for(&self) {
        let Self { proof, staff, aminata, yves, .. } = self;
        let (_, units) = self.thing("Micro Neumann", 2).await;
        let body = self.wanted(&units[0], 4);
        proof.refuses("G27 T7 CX15", aminata.post("/bookings", &body).await, 400, "idempotency_key_required");
        let keyed = aminata.with("idempotency-key", "once");
        let made = proof.answers("G27 T7", keyed.post("/bookings", &body).await, 201);
        proof.same("G22 G2", (made.text("/status"), made.text("/purpose")), ("pending".into(), "Court métrage".into()));
        proof.same("G3 CX47", (made.text("/items/0/unit_id"), made.int("/quantity")), (units[0].clone(), 1));
        proof.same("G2", (made.data("/version"), made.data("/cancelled_at")), (json!(1), Value::Null));
        proof.holds("G2", made.data("/created_at").is_string() && made.data("/creator_id").is_string());
        proof.holds(
            "CX18 CX21",
            made.data("/hold_expires_at").is_string() && made.text("/local/start_at").ends_with("09:00:00"),
        );
        proof.same("T8 CX15", keyed.post("/bookings", &body).await.expect(201).data(""), made.data(""));
        let mut other = body.clone();
        other["purpose"] = json!("Autre chose");
        proof.refuses("T8 CX15", keyed.post("/bookings", &other).await, 422, "idempotency_key_reused");
        proof.refuses("G8 CX17 CX18", self.book(yves, &body).await, 409, "booking_conflict");
        let mut two = self.wanted(&units[1], 4);
        two["items"][0]["quantity"] = json!(2);
        proof.refuses("CX47", self.book(yves, &two).await, 400, "validation_error");
        let mut backwards = self.wanted(&units[1], 4);
        backwards["end_at"] = backwards["start_at"].clone();
        proof.refuses("G17", self.book(yves, &backwards).await, 422, "policy_violation");
        let mut draft = self.wanted(&units[1], 4);
        draft["draft"] = json!(true);
        proof.same("G22", self.book(yves, &draft).await.expect(201).text("/status"), "draft");

        let path = format!("/bookings/{}", made.text("/id"));
        let read = proof.answers("G33", aminata.get(&path).await, 200);
        proof.refuses("G33", yves.get(&path).await, 404, "not_found");
        let change = json!({ "purpose": "Documentaire" });
        proof.refuses("G34 T14 CX14", aminata.patch(&path, &change).await, 428, "precondition_required");
        let seen = read.header("etag").unwrap();
        proof.same(
            "G34 T14",
            aminata.with("if-match", seen).patch(&path, &change).await.text("/purpose"),
            "Documentaire",
        );
        proof.refuses("G34 T15", aminata.with("if-match", seen).patch(&path, &change).await, 412, "version_mismatch");
        let list = async |by: &OlderClient<'_>, query: &str| {
            ids(&by.get(&format!("/bookings?{query}")).await.expect(200).data(""))
        };
        proof.same("G31 CX11", list(aminata, "status=PENDING&requester=me&sort=-start_at").await, [made.text("/id")]);
        let of_hers = format!("role=all&requester={}&start_at_gte=2020-01-01T00:00:00Z", made.text("/creator_id"));
        proof.holds("G31 CX4", list(staff, &of_hers).await.contains(&made.text("/id")));
        proof.same("G31", list(aminata, "start_at_lte=2020-01-01T00:00:00Z").await, Vec::<String>::new());
    }

    async fn staff_decide(&self) {
        let Self { proof, staff, aminata, yves, .. } = self;
        let (_, units) = self.thing("Projecteur", 1).await;
        let step = async |by: &OlderClient<'_>, id: &str, step: &str| {
            by.post(&format!("/bookings/{id}/{step}"), &json!({})).await
        };
        let pending = aminata.get("/bookings?status=PENDING").await.expect(200).text("/0/id");
        for decision in ["approve", "reject"] {
            proof.refuses("G36 G37 D10 C37", step(aminata, &pending, decision).await, 403, "forbidden");
            step(yves, &pending, decision).await.refused(404, "not_found");
        }
        let agreed = proof.answers("G36 D10", step(staff, &pending, "approve").await, 200);
        proof.same("G22 CX11", agreed.text("/status"), "confirmed"); // approved, and nothing is due
        let approved = aminata.get("/bookings?status=APPROVED").await.expect(200);
        proof.same("CX11 CX22 G31", approved.text("/0/id"), pending.as_str());
        step(staff, &pending, "approve").await.refused(409, "state_conflict");
        let gone = proof.answers("G35 CX12 CX36", step(aminata, &pending, "cancel").await, 200);
        proof.same("G22 G2", gone.text("/status"), "cancelled");
        proof.holds("G2", gone.data("/cancelled_at").is_string());

        let second = self.book(yves, &self.wanted(&units[0], 4)).await.expect(201).text("/id");
        let said_no = proof.answers("G37 G50", step(staff, &second, "reject").await, 200);
        proof.same("G22", said_no.text("/status"), "rejected");
        let third = proof.answers("G8", self.book(aminata, &self.wanted(&units[0], 4)).await, 201).text("/id");
        step(yves, &third, "cancel").await.refused(404, "not_found");
        proof.answers("G50", step(staff, &third, "cancel").await, 200);
    }

    async fn two_at_the_same_moment(&self) {
        let Self { proof, .. } = self;
        let (_, units) = self.thing("Drone", 1).await;
        let mut people = Vec::new();
        for _ in 0..20 {
            people.push(self.member("student").await);
        }
        let body = self.wanted(&units[0], 6);
        let answers = join_all(people.iter().map(|by| self.book(by, &body))).await;
        proof.same("G11 G8 X13 Y3", answers.iter().filter(|answer| answer.status == 201).count(), 1);
        for lost in answers.into_iter().filter(|answer| answer.status != 201) {
            proof.refuses("G11 CX17", lost, 409, "booking_conflict");
        }
    }

    async fn a_line_and_its_offers(&self) {
        let Self { app, proof, staff, aminata, yves, .. } = self;
        let (thing, units) = self.thing("Caméra Red", 1).await;
        proof.refuses("H2", self.wait(yves, &thing, 7).await, 409, "units_free");
        let held = self.book(aminata, &self.wanted(&units[0], 7)).await.expect(201).text("/id");
        let entry = proof.answers("H2 H3 H1", self.wait(yves, &thing, 7).await, 201);
        proof.same(
            "H1 CX50",
            (entry.text("/status"), entry.text("/booking_status")),
            ("waiting".into(), "waitlisted".into()),
        );
        proof.same("CX53 H3", (entry.text("/discipline"), entry.data("/score").is_i64()), ("score".into(), true));
        app.advance(TimeDelta::hours(2)).await;
        let (late, teacher) = (self.member("student").await, self.member("staff").await);
        let second = self.wait(&late, &thing, 7).await.expect(201).text("/id");
        let third = self.wait(&teacher, &thing, 7).await.expect(201).text("/id");
        let first = entry.text("/id");
        // staff before students, and among students whoever waited longer
        let line =
            proof.answers("H4 D10", staff.get(&format!("/waitlist?resource_id={thing}&status=WAITING")).await, 200);
        proof.same("H4 H11 D16", ids(&line.data("")), [&third, &first, &second].map(Clone::clone));
        proof.same("H12", (line.int("/0/rank"), line.int("/2/rank"), line.int("/0/total")), (1, 3, 3));
        proof.same("H4 CX2", &line.body["meta"]["pagination"]["total"], 3);
        let hers = late.get(&format!("/waitlist?resource_id={thing}")).await.expect(200);
        proof.same("H4", ids(&hers.data("")), [second.clone()]);
        late.get("/waitlist?role=all").await.refused(403, "forbidden");
        let yves_standing = yves.get(&format!("/api/v1/waitlist/{first}")).await.expect(200).data("");
        proof
            .holds("H11", factor(&yves_standing, "hours_waited") > 0 && factor(&yves_standing, "active_bookings") <= 0);
        proof.same("H11", factor(&line.data("/0"), "role") > factor(&line.data("/1"), "role"), true);
        proof.same("CX39", factor(&yves_standing, "high_priority"), 0);

        // a cancellation offers it to the first, who is told in time
        aminata.post(&format!("/bookings/{held}/cancel"), &json!({})).await.expect(200);
        app.drain().await;
        let status =
            async |by: &OlderClient<'_>, id: &str| by.get(&format!("/api/v1/waitlist/{id}")).await.expect(200).data("");
        let offered = status(&teacher, &third).await;
        proof.same("H8 H1", (&offered["status"], &offered["offer"]["status"]), (&json!("offered"), &json!("open")));
        let until: DateTime<Utc> = offered["offer"]["expires_at"].as_str().unwrap().parse().unwrap();
        let left = until - app.now().await;
        proof.holds("H9 L13", left > TimeDelta::minutes(9) && left <= TimeDelta::minutes(10));
        let inbox = teacher.get("/api/v1/me/notifications").await.expect(200).data("");
        proof.holds("R8", inbox.as_array().unwrap().iter().any(|one| one["kind"] == "offer_made"));
        yves.post(&format!("/waitlist/{third}/accept"), &json!({})).await.refused(404, "not_found");
        // its time runs out: it goes to the next
        app.advance(TimeDelta::minutes(10)).await;
        let too_late = teacher.post(&format!("/waitlist/{third}/accept"), &json!({})).await;
        proof.refuses("H9 L13", too_late, 410, "offer_expired");
        app.drain().await;
        proof.same("H1 A11 Q9", &status(&teacher, &third).await["status"], "expired");
        proof.same("H8 Q9 A11", &status(yves, &first).await["status"], "offered");
        // staff end an offer at once, and the next one accepts
        let expire = format!("/waitlist/{first}/expire");
        proof.refuses("H7 D10", yves.post(&expire, &json!({})).await, 403, "forbidden");
        proof.same(
            "H7",
            proof.answers("H7 D10", staff.post(&expire, &json!({})).await, 200).text("/status"),
            "expired",
        );
        app.drain().await;
        let taken = proof.answers("H6", late.post(&format!("/waitlist/{second}/accept"), &json!({})).await, 200);
        proof.same("H6 H1", taken.text("/status"), "accepted");
        let booking = late.get(&format!("/bookings/{}", taken.text("/booking_id"))).await.expect(200);
        proof.same("H6 CX50", booking.text("/items/0/unit_id"), units[0].as_str());
        // whoever was offered it by the order of the line still needs somebody's agreement, as every loan does
        proof.same("H6 G22", booking.text("/status"), "pending");
        let agreed = staff.post(&format!("/bookings/{}/approve", booking.text("/id")), &json!({})).await;
        proof.same("G36", agreed.expect(200).text("/status"), "confirmed");
    }

    async fn arbitration(&self) {
        let Self { proof, staff, aminata, yves, .. } = self;
        let (thing, units) = self.thing("Caméra Super 8", 1).await;
        let (other, _) = self.thing("Caméra Bolex", 1).await;
        let held = self.book(aminata, &self.wanted(&units[0], 8)).await.expect(201).text("/id");
        let (koffi, ama) = (self.member("student").await, self.member("student").await);
        let first = self.wait(&koffi, &thing, 8).await.expect(201).text("/id");
        let second = self.wait(&ama, &thing, 8).await.expect(201).text("/id");
        let step = async |by: &OlderClient<'_>, id: &str, step: &str, body: &Value| {
            by.post(&format!("/waitlist/{id}/{step}"), body).await
        };
        let why = json!({ "reason": "Réservée pour l'examen" });
        for kind in ["offer", "refuse"] {
            proof.refuses("H10 H5 D10", step(yves, &first, kind, &why).await, 403, "forbidden");
        }
        proof.refuses("H5", step(staff, &first, "offer", &json!({})).await, 409, "booking_conflict");
        let (from, to) = (self.moment(8, 9), self.moment(8, 17));
        let instead = json!({ "resource_id": other, "start_at": from, "end_at": to, "reason": "Libre ce jour-là" });
        let proposed = proof.answers("H10", step(staff, &first, "propose", &instead).await, 200);
        let which = json!({ "alternative_id": proposed.text("/alternatives/0/id") });
        let accepted = proof.answers("H10 H6", step(&koffi, &first, "accept", &which).await, 200);
        proof.same("H10", accepted.text("/status"), "accepted");
        let said_no = proof.answers("H10", step(staff, &second, "refuse", &why).await, 200);
        proof.same("H10", said_no.text("/booking_status"), "rejected");
        aminata.post(&format!("/bookings/{held}/cancel"), &json!({})).await.expect(200);

        // and by hand, where the order of the line would not have served it
        let held = self.book(aminata, &self.wanted(&units[0], 9)).await.expect(201).text("/id");
        let (front, behind) = (self.member("staff").await, self.member("student").await);
        self.wait(&front, &thing, 9).await.expect(201);
        let chosen = self.wait(&behind, &thing, 9).await.expect(201).text("/id");
        staff.post(&format!("/bookings/{held}/cancel"), &json!({})).await.expect(200);
        let offered = step(staff, &chosen, "offer", &why).await;
        let offered = proof.answers("H5 H10 D10", offered, 200);
        proof.same("H5", (offered.text("/status"), offered.data("/offer/by_hand")), ("offered".into(), json!(true)));
        let taken = proof.answers("H6", step(&behind, &chosen, "accept", &json!({})).await, 200);
        proof.same("H10", taken.text("/booking_status"), "confirmed"); // staff agreed by offering
    }

    async fn late_and_fined(&self) {
        let Self { app, proof, org, staff, aminata, .. } = self;
        let mut tx = app.db.begin(Scope::system(*org)).await.unwrap();
        let account = ProviderAccountId::new();
        organizations::add_provider_account(&mut tx, account, "wave", "WAVE_AUTOCAR", Currency::Xof).await.unwrap();
        tx.commit().await.unwrap();
        let webhook = format!("{}/api/v1/webhooks/wave/{account}", app.base);
        app.wave.knobs().tune(|tuning| tuning.webhook_url = Some(webhook));

        let (thing, units) = self.thing("Caméra Sony", 1).await;
        let loan = self.book(aminata, &self.wanted(&units[0], 2)).await.expect(201).text("/id");
        let step = async |step: &str| staff.post(&format!("/api/v1/bookings/{loan}/{step}"), &json!({})).await;
        step("approve").await.expect(200);
        app.go_to(self.moment(2, 9)).await;
        step("hand-over").await.expect(200);
        app.go_to(self.moment(2, 19)).await;
        app.drain().await;
        proof.holds("G54", aminata.get(&format!("/bookings/{loan}")).await.expect(200).data("/overdue_at").is_string());
        proof.same("G54", step("return").await.expect(200).text("/status"), "completed");
        let fine = aminata.get("/api/v1/fines?status=due").await.expect(200);
        proof.same("G54", fine.text("/0/reason"), "late_return");
        // being late costs points, and points cost places in every line
        let busy = self.member("student").await;
        self.book(&busy, &self.wanted(&units[0], 10)).await.expect(201);
        let behind = self.wait(aminata, &thing, 10).await.expect(201).data("");
        proof.holds("L14 H11", factor(&behind, "penalty_points") < 0 && factor(&behind, "fines_due") < 0);

        let body = json!({ "fine_id": fine.text("/0/id") });
        proof.refuses("J21 T7", aminata.post("/fines/payments", &body).await, 400, "idempotency_key_required");
        let pay = aminata.with("idempotency-key", "pay once");
        pay.post("/fines/payments", &body).await.refused(400, "validation_error"); // a key has no spaces
        let pay = pay.with("idempotency-key", "pay-once");
        let first = proof.answers("J21 T7", pay.post("/fines/payments", &body).await, 202);
        let payment = first.text("/subject/id");
        proof.same(
            "J21 T8",
            pay.post("/fines/payments", &body).await.expect(202).text("/subject/id"),
            payment.as_str(),
        );
        app.drain().await;
        app.pay_checkout(&app.checkout_of(&payment)).await;
        let paid = aminata.get("/api/v1/fines").await.expect(200);
        proof.same(
            "J21 G54",
            (paid.text("/0/status"), paid.data("/0/amount/amount")),
            ("paid".into(), fine.data("/0/amount/amount")),
        );
        proof.same("J21 T8", app.count("select count(*) from payments").await, 1);
        let freed =
            aminata.get(&format!("/api/v1/waitlist/{}", behind["id"].as_str().unwrap())).await.expect(200).data("");
        proof.same("L14", factor(&freed, "fines_due"), 0);
    }

    async fn the_trail(&self) {
        let Self { proof, staff, aminata, yves, .. } = self;
        proof.refuses("U3 D10", aminata.get("/audit").await, 403, "forbidden");
        let (_, units) = self.thing("Perche", 1).await;
        let made = self.book(yves, &self.wanted(&units[0], 12)).await.expect(201);
        staff.post(&format!("/bookings/{}/approve", made.text("/id")), &json!({})).await.expect(200);
        let of_it = format!("/audit?entity_type=booking&entity_id={}", made.text("/id"));
        let trail = proof.answers("U3 U1", staff.get(&of_it).await, 200);
        let actions: Vec<Value> = trail.data("").as_array().unwrap().iter().map(|one| one["action"].clone()).collect();
        proof.same("U1 U2", actions, [json!("STATUS_CHANGE"), json!("CREATE")]);
        proof.same(
            "U1",
            (trail.text("/0/before/status"), trail.text("/0/after/status")),
            ("pending".into(), "confirmed".into()),
        );
        proof.same("U1", trail.text("/1/actor_id"), made.text("/creator_id"));
        proof.holds("U1", trail.data("/0/created_at").is_string());
        let found = async |more: &str| {
            staff.get(&format!("{of_it}&{more}")).await.expect(200).data("").as_array().unwrap().len()
        };
        proof.same(
            "U3",
            (found("action=CREATE").await, found(&format!("actor={}", made.text("/creator_id"))).await),
            (1, 1),
        );
        proof.same("U3", (found("date_from=2020-01-01").await, found("date_to=2020-01-01").await), (2, 0));
        // each thing that was done to the tripod left one event, in its order
        let tripod = staff.get("/resources?q=Manfrotto").await.expect(200).text("/0/id");
        let trail = staff.get(&format!("/audit?entity_type=resource&entity_id={tripod}")).await.expect(200).data("");
        let mut actions: Vec<&str> =
            trail.as_array().unwrap().iter().map(|one| one["action"].as_str().unwrap()).collect();
        actions.reverse();
        let done = ["CREATE", "STATUS_CHANGE", "STATUS_CHANGE", "UPDATE", "SOFT_DELETE", "RESTORE"];
        proof.same("U1 U2", actions, done);
    }
}
