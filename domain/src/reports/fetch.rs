//! Fetching a file while it is kept: what it is, then its pieces one after the other.

use super::purpose;
use crate::{
    db::Tx,
    error::{Fault, Result},
    ids::*,
    refusals::Refusal,
};

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The report it is of.
    pub id: ReportId,
    /// `wallet`, `payout`, `ledger` or `finance`.
    pub kind: String,
    /// `csv`, `xlsx` or `pdf`.
    pub format: String,
    /// What to call it.
    pub name: String,
    /// Its length.
    pub bytes: i64,
}

/// The file, for who asked for it.
///
/// # Errors
/// [`Refusal::NotFound`] when it is not theirs, [`Refusal::StateConflict`] before it is written,
/// [`Refusal::ExportExpired`] when it is no longer kept.
pub async fn find_file(tx: &mut Tx, user: UserId, id: ReportId) -> Result<File> {
    let (org, now) = (tx.org()?, tx.now());
    let row = sqlx::query!(
        r#"select r.kind, r.format, r.bytes, r.created_at, r.expires_at, o.status,
                  exists (select from report_pieces p where p.org_id = r.org_id and p.report_id = r.id) as "kept!"
           from reports r join operations o on o.org_id = r.org_id and o.id = r.operation_id
           where r.org_id = $1 and r.id = $2 and r.user_id = $3"#,
        org.0,
        id.0,
        user.0
    )
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Refusal::NotFound)?;
    match (row.expires_at, row.bytes) {
        (Some(expires_at), Some(bytes)) if now < expires_at && row.kept => {
            let name = format!("{}-{}.{}", row.kind, row.created_at.format("%Y-%m-%d"), row.format);
            Ok(File { id, kind: row.kind, format: row.format, name, bytes })
        }
        (Some(expired_at), _) => Err(Refusal::ExportExpired { expired_at }.into()),
        _ => Err(Refusal::StateConflict { status: row.status }.into()),
    }
}

/// One piece, counted from 0; `None` after the last.
///
/// # Errors
/// A fault when the database fails or the piece does not open.
pub async fn piece(tx: &mut Tx, id: ReportId, number: i32) -> Result<Option<Vec<u8>>> {
    let org = tx.org()?;
    let sealed = sqlx::query_scalar!(
        "select content from report_pieces where org_id = $1 and report_id = $2 and piece = $3",
        org.0,
        id.0,
        number
    )
    .fetch_optional(tx.conn())
    .await?;
    let keys = tx.keys()?;
    Ok(sealed.map(|sealed| keys.open(&purpose(id, number), &sealed)).transpose().map_err(Fault::from)?)
}
