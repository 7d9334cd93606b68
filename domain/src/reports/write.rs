//! A file being written: whoever writes it begins, keeps what is ready, piece by piece, and finishes. Only the newest
//! attempt keeps anything.

use super::{Asking, Subject, purpose};
use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::*,
    ledger, operations,
    organizations::{self, Organization},
    payouts,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

/// How long a file can be fetched.
const KEPT: TimeDelta = TimeDelta::days(3);
/// The most bytes of one piece.
const PIECE: usize = 1 << 20;

/// A file to be written.
#[derive(Debug, Clone)]
pub struct Report {
    /// Its id.
    pub id: ReportId,
    /// The operation it belongs to.
    pub operation: OperationId,
    /// Who asked.
    pub user: UserId,
    /// What it is to show.
    pub asking: Asking,
    /// When it was asked for: what is written into the books later is not in it.
    pub cutoff: DateTime<Utc>,
    /// Whose document it is.
    pub organization: Organization,
    /// Whose accounts it is about, in words; nobody's by name for the organization's own.
    pub about: Option<String>,
    /// The payout it is about.
    pub payout: Option<payouts::Statement>,
    /// What the accounts held before, if the span has a beginning.
    pub opening: Vec<ledger::Sum>,
    /// How many lines are expected.
    pub expected: i64,
    pub(super) homes: Vec<OrgId>,
    attempt: i32,
}

/// How much of a file is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// Lines.
    pub lines: i64,
    /// Bytes.
    pub bytes: i64,
    pieces: i32,
}

/// Begins anew, and drops what an earlier attempt kept; `None` when there is nothing to write any more.
///
/// # Errors
/// A fault when the database fails.
pub async fn begin(tx: &mut Tx, operation: OperationId) -> Result<Option<Report>> {
    let Some(found) = operations::lock_unfinished(tx, operation).await? else { return Ok(None) };
    let (org, id) = (tx.org()?, ReportId(found.subject_id));
    let row = sqlx::query!(
        r#"update reports set attempt = attempt + 1 where org_id = $1 and id = $2
           returning user_id, asked, attempt, created_at, (select u.status from users u where u.id = user_id) as "status!""#,
        org.0,
        id.0
    )
    .fetch_one(tx.conn())
    .await?;
    sqlx::query!("delete from report_pieces where org_id = $1 and report_id = $2", org.0, id.0)
        .execute(tx.conn())
        .await?;
    if row.status == "erased" {
        operations::fail(tx, operation, "account_inactive", "The person was erased meanwhile.").await?;
        return Ok(None);
    }
    if found.status == "queued" {
        operations::advance(tx, operation, "started", None).await?;
    }
    let asking: Asking = serde_json::from_value(row.asked).map_err(|e| Fault::corrupt("reports.asked", e))?;
    let user = UserId(row.user_id);
    let report = Report {
        id,
        operation,
        user,
        cutoff: row.created_at,
        organization: organizations::load(tx).await?,
        about: about(tx, user, &asking).await?,
        payout: match &asking.subject {
            Subject::Payout { payout } => Some(payouts::statement(tx, *payout, user, true).await?),
            _ => None,
        },
        opening: opening(tx, user, &asking, row.created_at).await?,
        expected: expected(tx, user, &asking, row.created_at).await?,
        homes: homes(tx, &asking).await?,
        attempt: row.attempt,
        asking,
    };
    let most = report.asking.format.most_lines();
    if report.expected > most {
        let why = format!("It would have {} lines, and such a file holds {most}.", report.expected);
        operations::fail(tx, operation, "report_too_long", &why).await?;
        return Ok(None);
    }
    Ok(Some(report))
}

/// The name of the person whose accounts or payout it shows.
async fn about(tx: &mut Tx, user: UserId, asking: &Asking) -> Result<Option<String>> {
    let person = match &asking.subject {
        Subject::Wallet { .. } => user,
        Subject::Ledger { owner: Some(owner), .. } => *owner,
        Subject::Payout { payout } => match crate::payments::find(tx, *payout).await?.user {
            Some(paid) => paid,
            None => return Ok(None),
        },
        _ => return Ok(None),
    };
    Ok(sqlx::query_scalar!("select full_name from users where id = $1", person.0).fetch_optional(tx.conn()).await?)
}

async fn opening(tx: &mut Tx, user: UserId, asking: &Asking, cutoff: DateTime<Utc>) -> Result<Vec<ledger::Sum>> {
    match (&asking.subject, asking.from) {
        (Subject::Wallet { .. }, Some(from)) => {
            let earlier = Asking { from: None, before: Some(from), ..asking.clone() };
            ledger::sums(tx, &earlier.entries(user).unwrap_or_default(), cutoff).await
        }
        _ => Ok(Vec::new()),
    }
}

async fn expected(tx: &mut Tx, user: UserId, asking: &Asking, cutoff: DateTime<Utc>) -> Result<i64> {
    match (&asking.subject, asking.entries(user)) {
        (Subject::Wallet { .. } | Subject::Ledger { .. }, Some(filter)) => {
            Ok(ledger::sums(tx, &filter, cutoff).await?.iter().map(|sum| sum.entries).sum())
        }
        _ => Ok(0), // short ones are read at once
    }
}

/// Where to read, the last first: here, or in every organization, each in a transaction of its own.
async fn homes(tx: &mut Tx, asking: &Asking) -> Result<Vec<OrgId>> {
    match &asking.subject {
        Subject::Finance { everywhere: true, .. } => Ok(sqlx::query_scalar!(
            r#"select id as "id: OrgId" from organizations where status = 'active' order by slug desc"#
        )
        .fetch_all(tx.conn())
        .await?),
        _ => Ok(vec![tx.org()?]),
    }
}

/// Keeps these bytes behind those kept before, and says how far it is. Answers false when nobody waits for it any more: it
/// was called off, or another attempt began.
///
/// # Errors
/// A fault when the database fails.
pub async fn keep(tx: &mut Tx, report: &Report, written: &mut Written, lines: i64, bytes: &[u8]) -> Result<bool> {
    let org = tx.org()?;
    if operations::lock_unfinished(tx, report.operation).await?.is_none() {
        return Ok(false);
    }
    let attempt = sqlx::query_scalar!(
        "select attempt from reports where org_id = $1 and id = $2 for no key update",
        org.0,
        report.id.0
    )
    .fetch_one(tx.conn())
    .await?;
    if attempt != report.attempt {
        return Ok(false);
    }
    let keys = tx.keys()?;
    for piece in bytes.chunks(PIECE) {
        sqlx::query!(
            "insert into report_pieces (org_id, report_id, piece, content) values ($1, $2, $3, $4)",
            org.0,
            report.id.0,
            written.pieces,
            keys.seal(&purpose(report.id, written.pieces), piece)?
        )
        .execute(tx.conn())
        .await?;
        written.pieces += 1;
    }
    written.lines += lines;
    written.bytes += i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let expected = report.expected.max(written.lines);
    let progress = json!({ "lines": written.lines, "of": expected, "bytes": written.bytes });
    operations::report(tx, report.operation, progress).await?;
    Ok(true)
}

/// Ends the operation with the way to the file and what its lines come to.
///
/// # Errors
/// A fault when the database fails.
pub async fn finish(tx: &mut Tx, report: &Report, written: Written, sums: &[ledger::Sum]) -> Result<()> {
    let (org, now) = (tx.org()?, tx.now());
    let expires_at = now + KEPT;
    sqlx::query!(
        "update reports set lines = $3, bytes = $4, built_at = $5, expires_at = $6
         where org_id = $1 and id = $2 and attempt = $7",
        org.0,
        report.id.0,
        written.lines,
        written.bytes,
        now,
        expires_at,
        report.attempt
    )
    .execute(tx.conn())
    .await?;
    let sums: Vec<_> = sums
        .iter()
        .map(|sum| {
            json!({ "currency": sum.currency, "entries": sum.entries, "debit": sum.debit, "credit": sum.credit,
                    "net": sum.credit - sum.debit })
        })
        .collect();
    let told = json!({ "report_id": report.id, "download": format!("/api/v1/reports/{}/file", report.id),
                       "format": report.asking.format, "lines": written.lines, "bytes": written.bytes, "totals": sums,
                       "expires_at": expires_at });
    operations::succeed(tx, report.operation, told).await
}
