//! S1's waitlist: the order of the line, its offers, arbitration, and what being late costs.

use super::{Story, ids};
use chrono::{DateTime, TimeDelta, Utc};
use domain::{db::Scope, ids::ProviderAccountId, money::Currency, organizations};
use harness::OlderClient;
use serde_json::{Value, json};

/// What one thing adds to somebody's place in a line.
fn factor(entry: &Value, name: &str) -> i64 {
    let found = entry["factors"].as_array().unwrap().iter().find(|factor| factor["factor"] == name);
    found.map_or(0, |factor| factor["contribution"].as_i64().unwrap())
}

impl Story<'_> {
    pub(super) async fn a_line_and_its_offers(&self) {
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
        proof.holds("H11", factor(&yves_standing, "hours_waited") > 0);
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

    pub(super) async fn arbitration(&self) {
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

    pub(super) async fn late_and_fined(&self) {
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
        // being late costs points, and points cost places in every line; so does each thing one has already
        let busy = self.member("student").await;
        self.book(&busy, &self.wanted(&units[0], 10)).await.expect(201);
        self.book(aminata, &self.wanted(&units[0], 14)).await.expect(201);
        let behind = self.wait(aminata, &thing, 10).await.expect(201).data("");
        proof.holds("L14 H11", factor(&behind, "penalty_points") < 0 && factor(&behind, "fines_due") < 0);
        proof.holds("H11", factor(&behind, "active_bookings") < 0);

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
}
