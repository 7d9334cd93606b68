//! S3, rooms of a firm with several sites: the paper through its own paths, by a client that was written for it. It knows
//! no `X-Org-Id`, no `Idempotency-Key` and no `If-Match`; the host names the firm, and it keeps the session in a cookie.

mod reservations;

use harness::{OlderClient, Person, Proof, TestApp, seed};
use serde_json::{Value, json};

/// What REQUIREMENTS names S3 as a source of, as far as it is about the firm's own doors.
const NEEDED: &str = "B2 B5 B7 B8 B9 B10 B11 B12 B13 B14 B15 B16 B17 C4 C9 C14 C18 C19 C23 C26 D5 D6 D9 D14 D16 E5 E6 E7 E8 \
    E9 E10 E12 E13 E14 E15 E26 F4 F5 F6 F11 G6 G13 G14 G15 G16 G17 G18 G19 G24 G42 G43 L11 T18 T26 Z2 Z3 Z5 Z8 Z9 Z10 Z11 CX1 CX2 CX3 CX5 CX6 \
    CX9 CX10 CX11 CX13 CX19 CX21 CX22 CX23 CX24 CX25 CX26 CX27 CX28 CX36 CX39 CX42 CX44 CX55 Y10";

const EXCUSED: [(&str, &str); 2] = [
    ("D14", "booking in the past: a person decides who may, in the rules of the policy"),
    ("T26", "the sizes of bodies: tests/flows/limits.rs"),
];

const PASSWORD: &str = "SecurePassword123";

struct Story<'a> {
    app: &'a TestApp,
    proof: Proof,
    /// Nobody, at the firm's own host.
    visitor: OlderClient<'a>,
    admin: OlderClient<'a>,
    manager: OlderClient<'a>,
    awa: OlderClient<'a>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn rooms_by_their_own_paths() {
    let app = TestApp::start().await;
    let proof = Proof::of("seed_rooms", NEEDED, &EXCUSED);
    let sown = seed::sow(&app.db, PASSWORD).await.unwrap();
    proof.holds("Y10 B16", sown.iter().any(|sown| sown.slug == "kora" && sown.made > 15));
    let visitor = OlderClient::new(&app).with("host", "kora.api.allocar.test");
    let login = async |name: &str| {
        let signed_in = visitor.sign_in(&format!("{name}@kora.test"), PASSWORD).await.expect(200);
        visitor.bearing(&signed_in.text("/session_token"))
    };
    let (admin, manager, awa) = (login("admin").await, login("direction").await, login("awa").await);
    let story = Story { app: &app, proof, visitor, admin, manager, awa };
    story.six_steps().await;
    story.sessions().await;
    story.sites().await;
    story.resources().await;
    story.departments_and_people().await;
    story.reservations().await;
    story.evolutions().await;
    story.documents().await;
    story.proof.end();
    app.finish().await;
}

fn total(list: &harness::Answer) -> i64 {
    list.body["meta"]["pagination"]["total"].as_i64().unwrap()
}

impl Story<'_> {
    /// The workflow of the paper, its six calls with its own bodies.
    async fn six_steps(&self) {
        let Self { app, proof, visitor, admin, .. } = self;
        // 1: the paper lets anybody make a site; here whoever may manage sites does
        let site = json!({ "nom": "Campus Lyon", "adresse": "123 Rue de la Paix, 69000 Lyon",
                           "horaires_ouverture": "08:00:00", "horaires_fermeture": "20:00:00" });
        proof.refuses("CX25 D9", visitor.post("/sites/", &site).await, 401, "auth_required");
        let site = proof.answers("B10 B5 CX22", admin.post("/sites/", &site).await, 201);
        proof.same(
            "B5",
            (site.text("/name"), site.text("/address")),
            ("Campus Lyon".into(), "123 Rue de la Paix, 69000 Lyon".into()),
        );
        proof.holds("CX1", site.text("/id").parse::<uuid::Uuid>().is_ok());
        let site = site.text("/id");
        let open = admin.get(&format!("/api/v1/sites/{site}/opening-hours")).await.expect(200);
        proof.same("B5", open.data("/weekly").as_array().unwrap().len(), 7);
        proof.same(
            "B5",
            (open.text("/weekly/0/opens"), open.text("/weekly/0/closes")),
            ("08:00".into(), "20:00".into()),
        );
        let backwards = json!({ "horaires_ouverture": "20:00:00", "horaires_fermeture": "08:00:00" });
        proof.refuses("B7", admin.put(&format!("/sites/{site}"), &backwards).await, 400, "validation_error");
        // 2: who registers is an employee, whatever they ask for
        let org = format!("/api/v1/organizations/{}", self.firm().await);
        admin.change(&org, &json!({ "registration": "open" })).await.expect(200);
        let jdoe = json!({ "nom_utilisateur": "jdoe", "email": "john.doe@example.com", "nom_prenom": "John Doe",
                           "password": PASSWORD, "role": "admin", "priorite": "prioritaire", "site_principal_id": site });
        let registered = proof.answers("C9 CX26", visitor.post("/auth/register", &jdoe).await, 201);
        proof.same("C9 CX9 D5", registered.data("/roles"), json!(["employe"]));
        let session = registered.text("/signed_in/session_token");
        proof.same("C4 CX23", registered.text("/signed_in/user/full_name"), "John Doe");
        proof.holds("C18", session.len() == 43);
        let himself = visitor.bearing(&session).get("/auth/me").await.expect(200);
        proof.same(
            "C4 C23 B15",
            (himself.text("/membership/site_id"), himself.text("/membership/priority")),
            (site.clone(), "standard".into()),
        );
        // 3: and signs in, by address or by name
        let signed_in = proof.answers("C14 CX6", visitor.sign_in("john.doe@example.com", PASSWORD).await, 200);
        visitor.sign_in("jdoe", PASSWORD).await.expect(200);
        let john = visitor.bearing(&signed_in.text("/session_token"));
        // 4: a resource, by an admin
        let room = json!({
            "nom": "Salle de réunion A", "type_ressource": "salle", "capacite_maximum": 10,
            "description": "Salle équipée pour les réunions", "caracteristiques": ["projecteur", "tableau blanc"],
            "site_id": site, "localisation_batiment": "Bâtiment A", "localisation_etage": "1er étage",
            "localisation_numero": "101", "etat": "active",
            "horaires_ouverture": "09:00:00", "horaires_fermeture": "18:00:00", "images": [], "tarifs_horaires": 50.0,
        });
        proof.refuses("E13 D9 D5", john.post("/ressources/", &room).await, 403, "forbidden");
        let made = proof.answers("E13 E5 CX22", admin.post("/ressources/", &room).await, 201);
        proof.same("E5 E7", (made.text("/kind"), made.int("/capacity")), ("room".into(), 10));
        proof.same(
            "E5",
            made.data("/location"),
            json!({ "building": "Bâtiment A", "floor": "1er étage", "room": "101" }),
        );
        proof.same("E5 CX19", made.data("/price"), json!({ "per": "hour", "amount": 50, "currency": "XOF" }));
        proof.same("E5", made.data("/features"), json!(["projecteur", "tableau blanc"]));
        // 5: the list with its filters
        let query = "type_of_ressource=salle&disponible=true&minimum_capacity=8&sort_by=capacite&sort_order=desc";
        let list = proof.answers("E12 CX3", john.get(&format!("/ressources/?{query}")).await, 200);
        let capacities: Vec<i64> =
            list.data("").as_array().unwrap().iter().map(|one| one["capacity"].as_i64().unwrap()).collect();
        proof.same("E12 CX3", capacities, [24, 24, 24, 10, 10, 10, 10]);
        // 6: and one of them
        let path = format!("/ressources/{}", made.text("/id"));
        let shown = proof.answers("E14", john.get(&path).await, 200);
        proof.same("F4", shown.data("/availability").as_array().unwrap().len(), 7);
        proof.holds("F4", shown.data("/availability/6/free_slots").as_u64().is_some());
        proof.holds("F5", shown.data("/stats/total_bookings").is_u64());
        proof.same("F6", shown.data("/upcoming"), json!([]));
        let hours = john.get(&format!("/api/v1/resources/{}/opening-hours", made.text("/id"))).await.expect(200);
        proof.same(
            "E9 E10",
            (hours.text("/weekly/0/opens"), hours.text("/site/weekly/0/opens")),
            ("09:00".into(), "08:00".into()),
        );
        let day = app.at(30, "00:00").await.date_naive();
        let (from, to) = (format!("{day}T19:00"), format!("{day}T19:30"));
        let night = json!({ "debut": from, "fin": to, "ressource_id": made.text("/id") });
        proof.refuses("E9 E10", john.post("/reservations", &night).await, 422, "policy_violation");
        let free =
            format!("/api/v1/availability?from={day}T14:00&to={day}T16:00&people=8&features=projecteur&site_id={site}");
        proof.same("F11 E10", total(&john.get(&free).await.expect(200)), 1);
        proof.same("E14 E26", (shown.text("/name"), shown.text("/site_id")), ("Salle de réunion A".into(), site));
        app.drain().await;
    }

    async fn firm(&self) -> String {
        let org: uuid::Uuid = sqlx::query_scalar("select id from organizations where slug = 'kora'")
            .fetch_one(&self.app.owner)
            .await
            .unwrap();
        org.to_string()
    }

    async fn sessions(&self) {
        let Self { proof, visitor, .. } = self;
        let signed_in = visitor.sign_in("paul@kora.test", PASSWORD).await.expect(200);
        let token = signed_in.text("/session_token");
        let cookie = signed_in.header("set-cookie").unwrap().to_owned();
        proof.holds("C18", cookie.starts_with(&format!("session_token={token};")));
        for part in ["HttpOnly", "SameSite=Lax", "Max-Age=86400"] {
            proof.holds("C18", cookie.contains(part));
        }
        let browser = visitor.with("cookie", format!("session_token={token}"));
        for path in ["/auth/me", "/sites/", "/ressources"] {
            proof.answers("C18 C23 C26 CX6", browser.get(path).await, 200);
            proof.answers("C18", visitor.bearing(&token).get(path).await, 200);
            proof.refuses("C26", visitor.get(path).await, 401, "auth_required");
        }
        let evil = browser.with("sec-fetch-site", "cross-site").post("/auth/logout", &json!({})).await;
        proof.refuses("C18", evil, 403, "cross_site");
        let out = proof.answers("C19 CX42", browser.post("/auth/logout", &json!({})).await, 200);
        proof.holds("C19", out.header("set-cookie").unwrap().contains("Max-Age=0"));
        proof.refuses("C19 CX42", browser.get("/auth/me").await, 401, "token_invalid");
        proof.refuses("C19 CX42", visitor.bearing(&token).get("/auth/me").await, 401, "token_invalid");
    }

    async fn sites(&self) {
        let Self { proof, visitor, admin, manager, awa, .. } = self;
        for prefix in ["", "/api/v1"] {
            for slash in ["", "/"] {
                let list = proof.answers("B8 CX27 D9", awa.get(&format!("{prefix}/sites{slash}")).await, 200);
                proof.same("B8 B16", total(&list), 4);
            }
        }
        let page = awa.get("/sites/").await.expect(200).body["meta"]["pagination"].clone();
        proof.same(
            "B8 CX2",
            (page["offset"].clone(), page["limit"].clone(), page["returned"].clone()),
            (json!(0), json!(100), json!(4)),
        );
        let rest = awa.get("/sites/?offset=3&limit=2").await.expect(200);
        proof.same("B8 CX2 CX5", rest.data("").as_array().unwrap().len(), 1);
        let site = awa.get("/sites/").await.expect(200).text("/0/id");
        let path = format!("/sites/{site}");
        proof.answers("B9 D9", awa.get(&path).await, 200);
        proof.refuses("B11 D9", awa.put(&path, &json!({ "adresse": "Ailleurs" })).await, 403, "forbidden");
        let moved = proof.answers("B11 CX13 CX22", manager.put(&path, &json!({ "adresse": "Ailleurs" })).await, 200);
        proof.same("B11", moved.text("/address"), "Ailleurs");
        proof.refuses("B5", manager.put(&path, &json!({ "nom": "ab" })).await, 400, "validation_error");
        let short = manager.post("/sites/", &json!({ "nom": "Site de passage" })).await.expect(201).text("/id");
        proof.refuses("B12 CX25", awa.delete(&format!("/sites/{short}")).await, 403, "forbidden");
        let gone = proof.answers("B12 CX5 CX24", manager.delete(&format!("/sites/{short}")).await, 200);
        proof.holds("CX24", gone.data("/deleted_at").is_string());
        proof.refuses("B12", awa.get(&format!("/sites/{short}")).await, 404, "not_found");
        // another firm's people find nothing of this one
        let foreign = visitor.sign_in("awa@flexpark.test", PASSWORD).await.expect(200).text("/session_token");
        proof.refuses("B2 CX10", visitor.bearing(&foreign).get("/sites/").await, 404, "not_found");
        proof.answers("CX10", admin.get("/sites/").await, 200);
    }

    async fn resources(&self) {
        let Self { proof, admin, manager, awa, .. } = self;
        let count = async |query: &str| total(&awa.get(&format!("/ressources/?{query}")).await.expect(200));
        proof.same("E12 E7", count("type_of_ressource=vehicule").await, 1);
        proof.same("E12 E7", count("type_of_ressource=equipement").await, 1);
        proof.same("E12", count("caracteristiques=projecteur,tableau%20blanc").await, 4);
        proof.same("E12", count("batiment=timent").await, 4);
        proof.same("E12 E8", (count("disponible=true").await, count("disponible=false").await), (12, 0));
        let names = async |query: &str| {
            let list = awa.get(&format!("/ressources?{query}")).await.expect(200).data("");
            list.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let mut backwards = names("sort_by=nom&sort_order=desc").await;
        backwards.reverse();
        proof.same("E12 CX3", names("").await, backwards);
        let refused = awa.get("/ressources/?sort_by=couleur").await;
        proof.refuses("E12 CX3", refused, 400, "validation_error");

        let site = awa.get("/sites/").await.expect(200).text("/0/id");
        let body = json!({ "nom": "Salle Karité", "type_ressource": "salle", "capacite_maximum": 6, "site_id": site });
        let made = admin.post("/ressources", &body).await.expect(201);
        proof.refuses("E6", admin.post("/ressources/", &body).await, 409, "conflict");
        let wrong = |field: &str, value: Value| {
            let mut body = json!({ "nom": "Salle Wengé", "type_ressource": "salle", "capacite_maximum": 6 });
            body[field] = value;
            body
        };
        for (field, value) in [
            ("nom", json!("ab")),
            ("type_ressource", json!("piscine")),
            ("capacite_maximum", json!(0)),
            ("tarifs_horaires", json!(-1.0)),
            ("etat", json!("fermée")),
            ("site_id", json!(harness::uuid())),
        ] {
            let refused = admin.post("/ressources/", &wrong(field, value)).await;
            proof.holds("E5 E7 E8", (400..423).contains(&refused.status));
        }
        let path = format!("/ressources/{}", made.text("/id"));
        let closed = json!({ "etat": "en_maintenance", "tarifs_horaires": null });
        proof.refuses("E15 D9", awa.put(&path, &closed).await, 403, "forbidden");
        let changed = proof.answers("E15 CX13 CX44", manager.put(&path, &closed).await, 200);
        proof.same("E8 CX44", changed.text("/status"), "maintenance");
        proof.same("E12 E8", count("disponible=false").await, 1);
        let retired = manager.put(&path, &json!({ "etat": "hors_service" })).await.expect(200);
        proof.same("E8 CX44", retired.text("/status"), "retired");
        proof.refuses("E13 D9", awa.delete(&path).await, 403, "forbidden");
        proof.answers("CX24", admin.delete(&path).await, 200);
        proof.refuses("CX24", awa.get(&path).await, 404, "not_found");
    }

    async fn departments_and_people(&self) {
        let Self { proof, admin, manager, awa, .. } = self;
        let listed = proof.answers("B13 Z3", awa.get("/api/v1/departments").await, 200);
        proof.same(
            "B13 B17",
            (listed.text("/0/name"), listed.data("/0/annual_budget/amount")),
            ("Conseil".into(), json!(4_000_000)),
        );
        let (site, leader) = (listed.text("/0/site_id"), listed.text("/0/manager_user_id"));
        let awa_id = awa.get("/auth/me").await.expect(200).text("/id");
        let body = |manager: &str| json!({ "name": "Recherche", "site_id": site, "manager_user_id": manager });
        let refused = manager.post("/api/v1/departments", &body(&awa_id)).await;
        proof.refuses("B14", refused, 400, "validation_error");
        let made = proof.answers("B13 B14 Z3", manager.post("/api/v1/departments", &body(&leader)).await, 201);
        let place =
            json!({ "department_id": made.text("/id"), "priority": "high", "extra_permissions": ["report:read"] });
        let refused = manager.patch(&format!("/api/v1/users/{awa_id}"), &place).await;
        proof.refuses("D6 D16", refused, 403, "forbidden");
        let placed =
            proof.answers("B15 D6 D16 CX39 Z5", admin.patch(&format!("/api/v1/users/{awa_id}"), &place).await, 200);
        proof.same("D16 CX39", placed.text("/priority"), "high");
        proof.answers("D6", awa.get("/api/v1/reports/usage?from=2026-01-01&to=2026-12-31").await, 200);
        let suspended = admin.patch(&format!("/api/v1/users/{awa_id}"), &json!({ "status": "suspended" })).await;
        proof.answers("C4 Z5", suspended, 200);
        proof.refuses("C26", awa.get("/sites/").await, 404, "not_found");
        admin.patch(&format!("/api/v1/users/{awa_id}"), &json!({ "status": "active" })).await.expect(200);
    }

    async fn documents(&self) {
        let Self { proof, visitor, .. } = self;
        for path in ["/docs", "/redoc", "/openapi.json"] {
            proof.answers("CX28 T18", visitor.get(path).await, 200);
        }
    }

    /// Somebody else of the firm.
    async fn member(&self, role: &str) -> Person {
        let org = self.firm().await.parse().unwrap();
        self.app.person_in(org, "Employe", &[role]).await
    }
}
