//! S1, university lending: the whole paper through its own paths, by a client that was written for it. It sends
//! `X-Org-Id` with every request and an `Idempotency-Key` where the paper asks for one.

mod bookings;
mod line;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::ids::OrgId;
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
}
