//! Writes a statement or report as a file (K7, K13, V5): reads some lines, writes them, keeps what is ready, each in a
//! transaction of its own, so that a long one holds neither memory nor locks, and can be called off at any time.

use crate::{env::Env, errand::Errand, outcome::Outcome, tables};
use domain::{
    error::{Fault, Result},
    ids::OperationId,
    reports::{self, Place, Written},
};
use integrations::documents::{Document, Unwritable};

/// Load, write, record.
///
/// # Errors
/// A fault when the database fails, the file cannot be written, or its lines are not what the books come to.
pub async fn run(env: &Env, errand: &Errand, operation: OperationId) -> Result<Outcome> {
    let mut tx = env.begin(errand).await?;
    let Some(report) = reports::begin(&mut tx, operation).await? else { return errand.finish(tx).await };
    tx.commit().await?;

    let mut document = Document::new(report.asking.format, tables::head(&report)).map_err(unwritable)?;
    let (mut place, mut written) = (Place::start(&report), Written::default());
    while let Some(org) = place.next() {
        let mut tx = env.begin_in(errand, org).await?;
        let lines = reports::read(&mut tx, &report, &mut place).await?;
        tx.commit().await?;

        for line in &lines {
            document.line(&tables::cells(&report, line)).map_err(unwritable)?;
        }
        let ready = document.ready().map_err(unwritable)?;
        let mut tx = env.begin(errand).await?;
        let count = i64::try_from(lines.len()).unwrap_or(i64::MAX);
        if !reports::keep(&mut tx, &report, &mut written, count, &ready).await? {
            return errand.finish(tx).await;
        }
        tx.commit().await?;
    }

    let totals = tables::totals(&report, &place.sums());
    // a workbook is packed at the end, which takes a processor for a while
    let rest = tokio::task::spawn_blocking(move || document.finish(&totals)).await;
    let rest = rest.map_err(|e| Fault::corrupt("report", e))?.map_err(unwritable)?;
    let mut tx = env.begin(errand).await?;
    if reports::keep(&mut tx, &report, &mut written, 0, &rest).await? {
        reports::finish(&mut tx, &report, written, &place.sums()).await?;
    }
    errand.finish(tx).await
}

#[allow(clippy::needless_pass_by_value, reason = "as map_err hands it over")]
fn unwritable(error: Unwritable) -> Fault {
    Fault::corrupt("report", error)
}
