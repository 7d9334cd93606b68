//! Re-checks the promises over all data (Q18, ★17). Nothing is repaired: a violation is an alarm.

use crate::{env::Env, errand::Errand, outcome::Outcome};
use domain::{
    error::Result,
    invariants::{self, Check},
};

/// Checks every promise and keeps the findings.
///
/// # Errors
/// A fault when the database fails.
pub async fn run(env: &Env, errand: &Errand) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    let checks = invariants::check_all(&mut tx).await?;
    let outcome = errand.finish(tx).await?;
    checks.iter().for_each(tell);
    Ok(outcome)
}

#[expect(clippy::cast_precision_loss, reason = "a gauge holds a float; rows stay far below 2^52")]
fn tell(check: &Check) {
    let name = check.name.clone();
    metrics::gauge!("invariant_violations", "invariant" => name.clone()).set(check.violations as f64);
    metrics::gauge!("invariant_rows", "invariant" => name).set(check.rows as f64);
    if check.violations > 0 {
        let (violations, sample) = (check.violations, &check.sample);
        tracing::error!(invariant = check.name, violations, %sample, "a promise is broken: a person must look");
    }
}
