//! S0, FlexPark: the whole paper through its own paths, by a client that was written for it and knows neither `/api/v1`
//! nor our headers. Its base address is the company's own host.

use futures::future::join_all;
use harness::{Answer, OlderClient, Person, Proof, TestApp, seed};
use serde_json::{Value, json};

/// What REQUIREMENTS names S0 as a source of.
const NEEDED: &str = "B6 B8 B10 B15 B16 C1 C6 C11 C12 C15 C16 C26 C27 C35 C36 D1 E4 E7 E8 E17 E25 F7 G1 G9 G10 G11 G20 \
    G21 G26 G30 G35 G49 G53 L12 L16 L24 Q1 Q11 Q15 R1 R2 R3 T16 T18 T20 T24 W1 W3 W4 W5 X1 X2 X4 X13 Y1 Y2 Y3 Y5 Y7 Y8 \
    Y10 Y11 Y13 Y18 Y19 Z1 Z22 Z23 CX1 CX5 CX6 CX7 CX10 CX12 CX15 CX17 CX18 CX21 CX22 CX23 CX24 CX26 CX27 CX29 CX33 CX36 \
    CX37 CX44 CX51 CX56";

const EXCUSED: [(&str, &str); 7] = [
    ("E25 Z22", "uploads come with the file store; keys of pictures are kept today"),
    ("Z1", "signing in with Google or Microsoft is of a later issue"),
    ("W5 CX7", "at rest and at start, not on the wire: tests/tidy/environment.rs, tests/flows/passwords.rs"),
    ("X1 X2", "logs are for operators: runtime/src/requests.rs, docs/OPERATIONS.md"),
    ("CX33", "how many programs serve it cannot be told from outside: docs/ARCHITECTURE.md"),
    ("Y1 Y2 Y5 Y7 Y8 Y11 Y18", "about the repository: make test, make check, docker-compose.yml, README.md"),
    ("Y19", "the mobile client is another repository"),
];

const PASSWORD: &str = "a password to look around with";
const HOST: &str = "flexpark.api.allocar.test";
const MORNING: &str = "morning";

struct Story<'a> {
    app: &'a TestApp,
    proof: Proof,
    /// Nobody, at the company's address.
    visitor: OlderClient<'a>,
    admin: OlderClient<'a>,
    awa: OlderClient<'a>,
    koffi: OlderClient<'a>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn flexpark_by_its_own_paths() {
    let app = TestApp::start().await;
    let proof = Proof::of("seed_flexpark", NEEDED, &EXCUSED);
    let sown = seed::sow(&app.db, PASSWORD).await.unwrap();
    proof.holds("Y10", sown.iter().any(|sown| sown.slug == "flexpark" && sown.made > 10));
    let visitor = OlderClient::new(&app).with("host", HOST);
    let login = async |name: &str| visitor.signed_in(&format!("{name}@flexpark.test"), PASSWORD).await;
    let (admin, awa, koffi) = (login("admin").await, login("awa").await, login("koffi").await);
    let story = Story { app: &app, proof, visitor, admin, awa, koffi };
    story.what_everybody_sees().await;
    story.only_employees_come_in().await;
    story.whoever_comes_in_is_an_employee().await;
    story.sites().await;
    story.bays().await;
    story.half_days().await;
    story.cancelling().await;
    story.a_word_to_everybody().await;
    story.a_hundred_for_one_bay().await;
    story.nobody_came().await;
    story.nothing_vanishes().await;
    story.leaving().await;
    story.proof.end();
    app.finish().await;
}

fn named<'v>(list: &'v Value, field: &str, name: &str) -> &'v Value {
    let found = list.as_array().unwrap().iter().find(|one| one[field] == name);
    found.unwrap_or_else(|| panic!("no {field} {name} in {list}"))
}

impl Story<'_> {
    /// A bay of the company's first site, as a client finds it.
    async fn bay(&self, label: &str) -> String {
        let parkings = self.awa.get("/parkings").await.expect(200).data("");
        let park = named(&parkings, "name", "Parking du siège")["id"].as_str().unwrap().to_owned();
        let slots = self.awa.get(&format!("/parkings/{park}/slots?page_size=100")).await.expect(200).data("");
        named(&slots, "label", label)["id"].as_str().unwrap().to_owned()
    }

    async fn day(&self, days: u64) -> String {
        self.app.at(days, "00:00").await.format("%Y-%m-%d").to_string()
    }

    async fn reserve(&self, by: &OlderClient<'_>, label: &str, days: u64, period: &str) -> Answer {
        let body = json!({ "slot_id": self.bay(label).await, "date": self.day(days).await, "period": period });
        by.post("/reservations", &body).await
    }

    async fn what_everybody_sees(&self) {
        let Self { proof, visitor, .. } = self;
        let health = proof.answers("T24 X4 CX29 CX27 C27", visitor.get("/health").await, 200);
        proof.holds("W1", health.header("strict-transport-security").is_some());
        proof.answers("T18 C27", visitor.get("/docs").await, 200);
        let document = proof.answers("T18 Y13", visitor.get("/openapi.json").await, 200).body;
        proof.same("Y13", &document["paths"]["/api/v1/parkings"]["get"]["deprecated"], true);
        for path in ["/parkings", "/parkings/7/slots", "/reservations/me"] {
            proof.refuses("C26", visitor.get(path).await, 401, "auth_required");
            proof.refuses("C26", visitor.bearing("forged").get(path).await, 401, "token_invalid");
            proof.refuses("C26 CX27", visitor.get(&format!("/api/v1{path}")).await, 401, "auth_required");
        }
        visitor.get("/slots").await.refused(404, "not_found");
    }

    /// The company takes in its own addresses and those on its list.
    async fn only_employees_come_in(&self) {
        let Self { app, proof, visitor, admin, .. } = self;
        let body = |email: &str| json!({ "email": email, "firstname": "Nadia", "lastname": "Kra" });
        let eve = visitor.post("/auth/register", &body("eve@elsewhere.test")).await;
        proof.refuses("C6 C11 L24 CX26", eve, 403, "registration_closed");
        visitor.sign_in("eve@elsewhere.test", PASSWORD).await.refused(401, "bad_credentials");
        let mut greedy = body("nadia@flexpark.test");
        greedy["iban"] = json!("CI93");
        let refused = proof.refuses("W3 T20", visitor.post("/auth/register", &greedy).await, 400, "validation_error");
        proof.same("T20", &refused.details()["field"], "iban");
        let listed = json!({ "email": "aya@partner.test", "letter": false });
        admin.post("/api/v1/organizations/flexpark/invitations", &listed).await.expect(201);
        proof.answers("C6 L24", visitor.post("/auth/register", &body("aya@partner.test")).await, 201);

        let made =
            proof.answers("C6 CX26 CX10", visitor.post("/auth/register", &body("nadia@flexpark.test")).await, 201);
        proof.same("C11", made.data("/member"), false); // not before the address is proved
        let code = app.code_in("nadia@flexpark.test").await;
        let prove = json!({ "email": "nadia@flexpark.test", "purpose": "verify_email", "code": code });
        visitor.post("/api/v1/auth/otp/verify", &prove).await.expect(200);
        proof.refuses("C1", visitor.post("/auth/register", &body("nadia@flexpark.test")).await, 409, "identity_taken");
        visitor.post("/api/v1/auth/password/forgot", &json!({ "email": "nadia@flexpark.test" })).await.expect(200);
        let code = app.code_in("nadia@flexpark.test").await;
        let reset = json!({ "email": "nadia@flexpark.test", "code": code, "password": PASSWORD });
        proof.answers("CX23", visitor.post("/api/v1/auth/password/reset", &reset).await, 200);
    }

    async fn whoever_comes_in_is_an_employee(&self) {
        let Self { proof, visitor, admin, .. } = self;
        let signed_in = proof.answers("C12 CX6 C11", visitor.sign_in("nadia@flexpark.test", PASSWORD).await, 200);
        proof.same("C12", signed_in.text("/token_type").to_lowercase(), "bearer");
        proof.holds("C16 L16", (15 * 60..=60 * 60).contains(&signed_in.int("/expires_in")));
        // a browser's cookie may come along (S3 shares this path); everything after this goes by the token alone
        proof.holds("C36", !signed_in.text("/access_token").is_empty());
        let wrong = visitor.sign_in("nadia@flexpark.test", "not the password").await;
        proof.refuses("C26 C12", wrong, 401, "bad_credentials");
        let again = json!({ "refresh_token": signed_in.text("/refresh_token") });
        let refreshed = proof.answers("C15 Z23 CX6", visitor.post("/auth/refresh", &again).await, 200);
        let nadia = visitor.bearing(&refreshed.text("/access_token"));
        let me = nadia.get("/api/v1/me").await.expect(200);
        proof.same("C1", (me.text("/first_name"), me.text("/last_name")), ("Nadia".to_owned(), "Kra".to_owned()));
        proof.same("C1 D1", me.data("/membership/roles"), json!(["employee"]));
        proof.answers("D1 CX10", nadia.get("/parkings").await, 200);
        let foreign = nadia.with("x-org-id", "universite").get("/parkings").await;
        proof.refuses("CX10", foreign, 404, "not_found");

        let accounts = json!({ "email": "compta@flexpark.test", "firstname": "Ali", "service": "Comptabilité" });
        let hired = admin.post("/auth/register", &accounts).await.expect(201);
        let person = admin.get(&format!("/api/v1/users/{}", hired.text("/user_id"))).await.expect(200);
        proof.same("B15 C1", person.text("/service"), "Comptabilité");
        proof.holds("C1", person.data("/joined_at").is_string());
        let path = format!("/api/v1/users/{}", me.text("/id"));
        proof.refuses("D1", nadia.patch(&path, &json!({ "status": "suspended" })).await, 403, "forbidden");
        admin.patch(&path, &json!({ "status": "suspended" })).await.expect(200);
        // no longer one of the house: there is no such house
        proof.refuses("C1 C11 CX10", nadia.get("/parkings").await, 404, "not_found");
    }

    async fn sites(&self) {
        let Self { proof, awa, admin, .. } = self;
        let parkings = proof.answers("B8 CX5", awa.get("/parkings").await, 200);
        let (siege, annexe) = ("Parking du siège", "Parking de l'annexe");
        let list = parkings.data("");
        proof.holds("B16", named(&list, "name", siege)["site_id"] != named(&list, "name", annexe)["site_id"]);
        let park = named(&list, "name", siege);
        proof.same("B6 CX51", &park["unit_count"], 24);
        proof.holds("B6", park["created_at"].is_string());
        proof.holds("CX1", park["id"].as_str().unwrap().parse::<uuid::Uuid>().is_ok());
        let page = awa.get("/parkings?offset=1&limit=1").await.expect(200);
        proof.same("B8 CX5", &page.body["meta"]["pagination"]["total"], 2);
        proof.same("B8", page.data("").as_array().unwrap().len(), 1);

        let body = json!({ "site_name": "Parking de Bassam", "address": "12 rue du Phare", "total_slots": 3 });
        proof.refuses("B10 D1", awa.post("/parkings", &body).await, 403, "forbidden");
        let made = proof.answers("B10", admin.post("/parkings", &body).await, 201);
        proof.same("B6", made.text("/name"), "Parking de Bassam");
        proof.same("B6", made.text("/attributes/address"), "12 rue du Phare");
        proof.same("B6 CX51", made.int("/unit_count"), 3);
        proof.same("E7", made.text("/kind"), "parking");
        let bare = admin.post("/parkings", &json!({ "site_name": "Parking nu" })).await.expect(201);
        proof.same("B6", bare.int("/unit_count"), 0);
        proof.refuses(
            "T20",
            admin.post("/parkings", &json!({ "address": "nulle part" })).await,
            400,
            "validation_error",
        );
        proof.same("B8", awa.get("/parkings").await.data("").as_array().unwrap().len(), 4);
    }

    async fn bays(&self) {
        let Self { proof, awa, admin, .. } = self;
        let list = awa.get("/parkings").await.expect(200).data("");
        let park = named(&list, "name", "Parking de Bassam")["id"].as_str().unwrap();
        let path = format!("/parkings/{park}/slots");
        let slots = proof.answers("E17 F7", awa.get(&path).await, 200);
        proof.same("E4", (slots.text("/0/label"), slots.text("/0/resource_id")), ("1".to_owned(), park.to_owned()));
        proof.same(
            "E17 F7",
            (slots.text("/0/status"), slots.text("/0/state")),
            ("active".to_owned(), "free".to_owned()),
        );
        let siege = named(&list, "name", "Parking du siège")["id"].as_str().unwrap();
        let plan = awa.get(&format!("/parkings/{siege}/slots")).await.expect(200);
        proof.holds("F7", plan.data("/0/position/x").is_number());
        awa.get("/parkings/00000000-0000-4000-8000-000000000000/slots").await.refused(404, "not_found");

        // a bay out of service is seen to be so, and nobody gets it
        let bay = slots.text("/0/id");
        let units = format!("/api/v1/units/{bay}");
        let ask = json!({ "slot_id": bay, "date": self.day(2).await, "period": MORNING });
        proof.refuses("D1", awa.change(&units, &json!({ "status": "retired" })).await, 403, "forbidden");
        admin.change(&units, &json!({ "status": "retired" })).await.expect(200);
        proof.same("E8 CX44 E4", awa.get(&path).await.text("/0/state"), "retired");
        proof.refuses("G10 G20 CX44", awa.post("/reservations", &ask).await, 409, "state_conflict");
        admin.change(&units, &json!({ "status": "active" })).await.expect(200);
        let gone = json!({ "slot_id": park, "date": self.day(2).await, "period": MORNING });
        proof.refuses("G10", awa.post("/reservations", &gone).await, 404, "not_found");
        let twin = json!({ "units": [{ "label": "1" }] });
        let twice = admin.post(&format!("/api/v1/resources/{park}/units"), &twin).await;
        proof.refuses("E4 CX51", twice, 409, "conflict");
    }

    async fn half_days(&self) {
        let Self { proof, awa, koffi, .. } = self;
        let made = proof.answers("G26 G1 CX15", self.reserve(awa, "P-07", 3, MORNING).await, 201);
        proof.same("G21 G26 CX18", made.text("/status"), "confirmed");
        let day = self.day(3).await;
        proof.same("G1 CX21", made.text("/local/start_at"), format!("{day}T08:00:00"));
        proof.same("CX21", made.text("/timezone"), "Africa/Abidjan");
        proof.same(
            "G1",
            (made.text("/period"), made.text("/items/0/unit_label")),
            (MORNING.to_owned(), "P-07".to_owned()),
        );
        proof.holds("G1", made.data("/created_at").is_string());
        for period in [MORNING, "day"] {
            let refused = self.reserve(koffi, "P-07", 3, period).await;
            proof.refuses("G9 G10 T16 CX17", refused, 409, "booking_conflict");
        }
        proof.answers("CX17", self.reserve(koffi, "P-07", 3, "afternoon").await, 201);
        proof.answers("G9", self.reserve(koffi, "P-07", 4, MORNING).await, 201);
        for (field, value) in [("period", "night"), ("date", "demain"), ("slot_id", "12")] {
            let mut body = json!({ "slot_id": self.bay("P-08").await, "date": day, "period": "day" });
            body[field] = json!(value);
            let refused = awa.post("/reservations", &body).await;
            proof.refuses("T20", refused, 400, "validation_error");
        }
    }

    async fn cancelling(&self) {
        let Self { proof, awa, koffi, .. } = self;
        let mine = proof.answers("G30", awa.get("/reservations/me").await, 200);
        let id = mine.text("/0/id");
        let path = format!("/reservations/{id}");
        koffi.delete(&path).await.refused(404, "not_found");
        let gone = proof.answers("G35 CX12 L12", awa.delete(&path).await, 200);
        proof.same("G21", gone.text("/status"), "cancelled");
        proof.same("CX5", gone.text("/id"), id.as_str());
        let history = awa.get("/reservations/me").await.expect(200);
        proof.same("G53 G30 CX12 CX24", history.text("/0/status"), "cancelled");
        let activity = awa.get("/api/v1/me/activity").await.expect(200).data("");
        proof.holds("C35", activity.as_array().is_some_and(|events| events.len() >= 2));
        awa.delete(&path).await.refused(409, "state_conflict");
        proof.answers("CX17 G9", self.reserve(koffi, "P-07", 3, MORNING).await, 201);
    }

    /// The proof the paper asks for: whoever is fastest has it, and nobody else.
    async fn a_hundred_for_one_bay(&self) {
        let Self { app, proof, visitor, .. } = self;
        let org = sqlx::query_scalar("select id from organizations where slug = 'flexpark'");
        let org: uuid::Uuid = org.fetch_one(&app.owner).await.unwrap();
        let mut people: Vec<Person> = Vec::new();
        for _ in 0..100 {
            people.push(app.person_in(org.into(), "Salarie", &["employee"]).await);
        }
        let (bay, date) = (self.bay("P-12").await, self.day(5).await);
        let asks = people.iter().enumerate().map(|(n, person)| {
            let period = if n % 2 == 0 { "day" } else { MORNING };
            let body = json!({ "slot_id": bay, "date": date, "period": period });
            let client = visitor.bearing(&person.token);
            async move { client.post("/reservations", &body).await }
        });
        let answers = join_all(asks).await;
        let won = answers.iter().filter(|answer| answer.status == 201).count();
        proof.same("G11 X13 Y3 CX17", won, 1);
        for lost in answers.into_iter().filter(|answer| answer.status != 201) {
            proof.refuses("T16 G10", lost, 409, "booking_conflict");
        }
        let claims = "select count(*) from claims c join units u on u.id = c.unit_id
                      where c.active and u.label = 'P-12'";
        proof.same("G11", app.count(claims).await, 1);
        println!("  clients=100 won={won}");
    }

    async fn a_word_to_everybody(&self) {
        let Self { app, proof, awa, admin, .. } = self;
        let phone = json!({ "platform": "android", "push_token": "awa-phone" });
        awa.post("/api/v1/me/devices", &phone).await.expect(201);
        let word = json!({ "title": "Parking fermé", "message": "Le parking du siège est fermé demain." });
        proof.refuses("R2 D1", awa.post("/notifications/send", &word).await, 403, "forbidden");
        proof.answers("R2", admin.post("/notifications/send", &word).await, 202);
        app.drain().await;
        let inbox = awa.get("/api/v1/me/notifications").await.expect(200).data("");
        proof.holds("R3", inbox.to_string().contains("Parking fermé"));
        let told = app.mails_to("awa@flexpark.test").iter().any(|mail| format!("{mail:?}").contains("ferm"));
        proof.holds("R1 Q1", told);
        proof.holds("R1", app.wave.state().pushes().iter().any(|push| push.token == "awa-phone"));
    }

    async fn nobody_came(&self) {
        let Self { app, proof, awa, admin, .. } = self;
        let policies = admin.get("/api/v1/policies").await.expect(200).data("");
        let policy = named(&policies, "name", "Places de parking")["id"].as_str().unwrap();
        let rules = json!({ "rules": { "release_after_minutes": 60 } });
        admin.change(&format!("/api/v1/policies/{policy}"), &rules).await.expect(200);
        proof.answers("G26", self.reserve(awa, "P-09", 1, MORNING).await, 201);
        let kept = self.reserve(awa, "P-10", 1, "afternoon").await.expect(201).text("/id");
        app.go_to(app.at(1, "09:01").await).await;
        app.drain().await;
        let missed = proof.answers("CX22", awa.get("/reservations/me?status=no-show").await, 200);
        proof.same("G49 G21 Q11 Q15", missed.text("/0/status"), "no_show");
        let points = "select m.penalty_points::bigint from memberships m join identities i on i.user_id = m.user_id
                      where i.value = 'awa@flexpark.test'";
        proof.same("CX37", app.count(points).await, 1);
        // until its start a reservation can be given up, by the rule of its policy
        app.go_to(app.at(0, "13:01").await).await;
        let late = awa.delete(&format!("/reservations/{kept}")).await;
        proof.refuses("L12 CX36", late, 422, "policy_violation");
    }

    /// The paper's foreign keys would cascade; here nothing that was booked is lost.
    async fn nothing_vanishes(&self) {
        let Self { proof, awa, admin, .. } = self;
        let list = awa.get("/parkings").await.expect(200).data("");
        let park = named(&list, "name", "Parking du siège")["id"].as_str().unwrap();
        let refused = admin.delete(&format!("/api/v1/resources/{park}")).await;
        let refused = proof.refuses("CX24 CX51", refused, 409, "bookings_in_the_way");
        proof.holds("CX24", refused.details()["bookings"].as_array().is_some_and(|bookings| !bookings.is_empty()));
        let made = self.reserve(awa, "P-20", 9, "day").await.expect(201);
        let path = format!("/reservations/{}", made.text("/id"));
        awa.delete(&path).await.expect(200);
        admin.delete(&format!("/api/v1/units/{}", made.text("/items/0/unit_id"))).await.expect(200);
        let shown = awa.get(&format!("/api/v1/bookings/{}", made.text("/id"))).await.expect(200);
        proof.same("CX56 CX51", shown.data("/items/0/unit_id"), made.data("/items/0/unit_id"));
        proof.same("CX56", shown.text("/items/0/unit_label"), "P-20");
    }

    async fn leaving(&self) {
        let Self { app, proof, visitor, .. } = self;
        let serge = visitor.signed_in("serge@flexpark.test", PASSWORD).await;
        proof.answers("W4", serge.post("/api/v1/me/export", &json!({})).await, 202);
        app.drain().await;
        proof.answers("W4", serge.delete("/api/v1/me").await, 202);
        app.drain().await;
        proof.refuses("W4", visitor.sign_in("serge@flexpark.test", PASSWORD).await, 401, "bad_credentials");
    }
}
