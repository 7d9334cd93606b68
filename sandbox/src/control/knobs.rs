//! `/sandbox/knobs`: read, change, and clear what goes wrong.

use super::refused;
use crate::knobs::TuningPatch;
use crate::sandbox::Sandbox;
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// The settings and the rules still in force.
pub(super) async fn read(State(sandbox): State<Sandbox>) -> Json<Value> {
    Json(shown(&sandbox))
}

/// Change some settings, add some rules; answers with what is then in force.
pub(super) async fn change(State(sandbox): State<Sandbox>, body: Bytes) -> Response {
    let patch: TuningPatch = match serde_json::from_slice(&body) {
        Ok(patch) => patch,
        Err(error) => return refused(StatusCode::UNPROCESSABLE_ENTITY, &error.to_string()),
    };
    sandbox.turn(patch);
    Json(shown(&sandbox)).into_response()
}

/// Forget all rules; settings stay.
pub(super) async fn clear(State(sandbox): State<Sandbox>) -> Json<Value> {
    sandbox.knobs().clear();
    Json(shown(&sandbox))
}

fn shown(sandbox: &Sandbox) -> Value {
    let mut shown = serde_json::to_value(sandbox.knobs().tuning()).unwrap_or_default();
    shown["rules"] = json!(sandbox.knobs().rules());
    shown["balance"] = json!(sandbox.state().balance());
    shown
}

impl Sandbox {
    /// Change several knobs at once, as `POST /sandbox/knobs` does.
    pub fn turn(&self, patch: TuningPatch) {
        self.knobs().tune(|tuning| patch.apply(tuning));
        if let Some(balance) = patch.balance {
            self.set_balance(balance);
        }
        for rule in patch.rules {
            self.knobs().add(rule);
        }
    }

    /// Set the wallet's balance, in francs; no line in the statement.
    pub fn set_balance(&self, francs: i64) {
        // Within ±10¹⁵, so that no sum of amounts can overflow.
        self.state().write(|books| books.balance = francs.clamp(-1_000_000_000_000_000, 1_000_000_000_000_000));
    }
}
