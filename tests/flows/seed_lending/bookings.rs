//! S1's bookings: asked for, decided, contended, and what is left of them in the trail.

use super::{Story, ids};
use futures::future::join_all;
use harness::OlderClient;
use serde_json::{Value, json};

impl Story<'_> {
    pub(super) async fn a_booking_is_asked_for(&self) {
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

    pub(super) async fn staff_decide(&self) {
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

    pub(super) async fn two_at_the_same_moment(&self) {
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

    pub(super) async fn the_trail(&self) {
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
