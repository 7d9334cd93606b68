//! S3's reservations, with the paper's validations, and what it plans beside them.

use super::{PASSWORD, Story, total};
use chrono::{DateTime, TimeDelta, Utc};
use harness::OlderClient;
use serde_json::{Value, json};

impl Story<'_> {
    async fn room(&self, name: &str) -> Value {
        let found = self.again("awa").await.get("/ressources/").await.expect(200).data("");
        let room = found.as_array().unwrap().iter().find(|one| one["name"] == name).cloned();
        room.unwrap_or_else(|| panic!("no {name} in {found}"))
    }

    /// Signs in again: a session is shown for a day, and days pass.
    async fn again(&self, name: &str) -> OlderClient<'_> {
        let signed_in = self.visitor.sign_in(&format!("{name}@kora.test"), PASSWORD).await.expect(200);
        self.visitor.bearing(&signed_in.text("/session_token"))
    }

    async fn at(&self, days: i64, hour: u32, minute: u32) -> DateTime<Utc> {
        let today = self.app.now().await.date_naive();
        today.and_hms_opt(hour, minute, 0).unwrap().and_utc() + TimeDelta::days(days)
    }

    pub(super) async fn reservations(&self) {
        let Self { app, proof, manager, awa, .. } = self;
        let room = self.room("Abidjan Fromager").await;
        let body = |debut: DateTime<Utc>, fin: DateTime<Utc>| {
            json!({ "ressource_id": room["id"], "debut": debut, "fin": fin, "nbr_participants": 3,
                    "description": "Point hebdomadaire", "note": "Café" })
        };
        let (nine, ten) = (self.at(3, 9, 0).await, self.at(3, 10, 0).await);
        let made = proof.answers("G6 CX11 CX22", awa.post("/reservations", &body(nine, ten)).await, 201);
        proof.same("G24 CX11", made.text("/status"), "confirmed");
        proof.same(
            "G6",
            (made.int("/participants"), made.text("/purpose"), made.text("/note")),
            (3, "Point hebdomadaire".into(), "Café".into()),
        );
        proof.same(
            "G6 E26",
            (made.data("/resource_id"), made.text("/beneficiary_id")),
            (room["id"].clone(), made.text("/creator_id")),
        );
        proof.holds("CX21", made.text("/local/start_at").ends_with("09:00:00"));
        for (ids, debut, fin, participants, status, code) in [
            ("G14 CX55 L11", self.at(3, 9, 5).await, self.at(3, 11, 0).await, 3, 422, "policy_violation"),
            ("G15 L11", self.at(3, 14, 0).await, self.at(3, 14, 15).await, 3, 422, "policy_violation"),
            ("G16 L11", self.at(3, 8, 0).await, self.at(3, 16, 15).await, 3, 422, "policy_violation"),
            ("G17", self.at(3, 15, 0).await, self.at(3, 14, 0).await, 3, 422, "policy_violation"),
            ("G18", self.at(-1, 9, 0).await, self.at(-1, 10, 0).await, 3, 422, "policy_violation"),
            ("G13", self.at(3, 14, 0).await, self.at(3, 15, 0).await, 5, 422, "policy_violation"),
        ] {
            let mut wrong = body(debut, fin);
            wrong["nbr_participants"] = json!(participants);
            proof.refuses(ids, awa.post("/reservations", &wrong).await, status, code);
        }
        let car = self.room("Toyota Corolla").await;
        let mut day = body(self.at(5, 8, 0).await, self.at(6, 8, 0).await);
        day["ressource_id"] = car["id"].clone();
        proof.answers("G16", awa.post("/reservations", &day).await, 201);

        // for somebody else: who books and for whom are two
        let colleague = self.member("employe").await;
        let mut theirs = body(self.at(4, 9, 0).await, self.at(4, 10, 0).await);
        theirs["user_id"] = json!(colleague.id);
        proof.refuses("G42", awa.post("/reservations", &theirs).await, 403, "forbidden");
        let theirs = proof.answers("G42 G6", manager.post("/reservations", &theirs).await, 201);
        proof.holds("G42", theirs.text("/creator_id") != theirs.text("/beneficiary_id"));

        // not under two hours before its start, except by whoever decides
        let cancel = format!("/api/v1/bookings/{}/cancel", made.text("/id"));
        app.go_to(nine - TimeDelta::minutes(119)).await;
        proof.refuses("C18", awa.get("/auth/me").await, 401, "token_expired");
        let (awa, manager) = (self.again("awa").await, self.again("direction").await);
        proof.refuses("G19 CX36 L11", awa.post(&cancel, &json!({})).await, 422, "policy_violation");
        let given_up = proof.answers("G24", manager.post(&cancel, &json!({})).await, 200);
        proof.same("G24 CX11", given_up.text("/status"), "cancelled");

        // and what time alone does
        app.go_to(self.at(1, 10, 30).await).await;
        app.drain().await;
        let manager = self.again("direction").await;
        let later = theirs.text("/id");
        let theirs = manager.get(&format!("/api/v1/bookings/{later}")).await.expect(200);
        proof.holds("G43", theirs.data("/start_at").is_string() && theirs.data("/end_at").is_string());
        app.go_to(self.at(1, 12, 0).await).await;
        app.drain().await;
        let manager = self.again("direction").await;
        let fini = manager.get("/api/v1/bookings?role=all&statut=fini").await;
        proof.answers("G24 CX11 Z2", fini, 200);
        let annule = manager.get("/api/v1/bookings?role=all&statut=annule").await.expect(200);
        proof.same("G24 CX11 Z2", total(&annule), 1);
    }

    pub(super) async fn evolutions(&self) {
        let Self { proof, .. } = self;
        let (awa, manager) = (self.again("awa").await, self.again("direction").await);
        let found = awa.get("/api/v1/resources/search?q=projecteur%20iroko").await;
        proof.same("Z8", total(&proof.answers("Z8", found, 200)), 3);
        let room = self.room("Dakar Iroko").await;
        let path = format!("/api/v1/me/favourites/{}", room["id"].as_str().unwrap());
        proof.answers("Z9", awa.put(&path, &json!({})).await, 200);
        let kept = awa.get("/api/v1/me/favourites").await.expect(200);
        proof.same("Z9", kept.text("/0/name"), "Dakar Iroko");
        for by in ["site", "department"] {
            let report = manager.get(&format!("/api/v1/reports/usage?by={by}&from=2026-01-01&to=2026-12-31")).await;
            proof.holds("Z10", proof.answers("Z10", report, 200).int("/0/minutes") > 0);
        }
        let table = manager.get("/api/v1/reports/usage.csv?from=2026-01-01&to=2026-12-31").await;
        proof.answers("Z11", table, 200);
    }
}
