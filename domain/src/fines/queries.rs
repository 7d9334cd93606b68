//! Reads shared by the operations on fines, and the one way to change one.

use super::Reason;
use crate::{
    audit::Change,
    bookings::Authority,
    db::Tx,
    error::{Fault, Result},
    ids::*,
    inventory::words,
    money::Money,
    refusals::Refusal,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

words! {
    /// Where a fine stands.
    Status, "status" {
        /// To be paid.
        Due = "due";
        /// Paid.
        Paid = "paid";
        /// Forgiven, with a reason.
        Waived = "waived";
    }
}

/// What somebody owes for being late or not coming.
#[derive(Debug, Clone, Serialize)]
pub struct Fine {
    /// Its id.
    pub id: FineId,
    /// Who owes it.
    pub user: UserId,
    /// For which booking.
    pub booking: Option<BookingId>,
    /// Why.
    pub reason: Reason,
    /// What there is to say about it.
    pub note: Option<String>,
    /// How much.
    pub amount: Money,
    /// Where it stands.
    pub status: Status,
    /// When it was paid.
    pub paid_at: Option<DateTime<Utc>>,
    /// When it was forgiven.
    pub waived_at: Option<DateTime<Utc>>,
    /// By whom.
    pub waived_by: Option<UserId>,
    /// Why.
    pub waived_reason: Option<String>,
    /// For `ETag` and `If-Match`.
    pub version: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

struct Row {
    id: FineId,
    user_id: UserId,
    booking_id: Option<BookingId>,
    reason: Reason,
    note: Option<String>,
    amount: i64,
    currency: String,
    status: Status,
    paid_at: Option<DateTime<Utc>>,
    waived_at: Option<DateTime<Utc>>,
    waived_by: Option<UserId>,
    waived_reason: Option<String>,
    version: i32,
    created_at: DateTime<Utc>,
}

impl TryFrom<Row> for Fine {
    type Error = Fault;
    fn try_from(row: Row) -> Result<Self, Fault> {
        let currency = row.currency.parse().map_err(|e| Fault::corrupt("fines.currency", e))?;
        Ok(Self {
            id: row.id,
            user: row.user_id,
            booking: row.booking_id,
            reason: row.reason,
            note: row.note,
            amount: Money { amount: row.amount, currency },
            status: row.status,
            paid_at: row.paid_at,
            waived_at: row.waived_at,
            waived_by: row.waived_by,
            waived_reason: row.waived_reason,
            version: row.version,
            created_at: row.created_at,
        })
    }
}

macro_rules! fine_rows {
    ($tail:literal, $($argument:expr),*) => {
        sqlx::query_as!(
            Row,
            r#"select id as "id: FineId", user_id as "user_id: UserId", booking_id as "booking_id: BookingId",
                      reason as "reason: Reason", note, amount, currency, status as "status: Status", paid_at, waived_at,
                      waived_by as "waived_by: UserId", waived_reason, version, created_at
               from fines where org_id = $1 "# + $tail,
            $($argument),*
        )
    };
}

/// One fine, for whoever owes it or staff.
///
/// # Errors
/// [`Refusal::NotFound`] for everybody else.
pub async fn find(tx: &mut Tx, by: Authority, id: FineId) -> Result<Fine> {
    let fine = load(tx, id).await?;
    match by {
        Authority::Own(user) if user != fine.user => Err(Refusal::NotFound.into()),
        _ => Ok(fine),
    }
}

async fn load(tx: &mut Tx, id: FineId) -> Result<Fine> {
    let org = tx.org()?;
    let row = fine_rows!("and id = $2", org.0, id.0).fetch_optional(tx.conn()).await?.ok_or(Refusal::NotFound)?;
    Ok(row.try_into()?)
}

/// Locks a fine, then reads it. Whoever locks a payment and a fine locks the payment first.
pub(crate) async fn lock(tx: &mut Tx, id: FineId) -> Result<Fine> {
    let org = tx.org()?;
    sqlx::query!("select id from fines where org_id = $1 and id = $2 for update", org.0, id.0)
        .fetch_optional(tx.conn())
        .await?
        .ok_or(Refusal::NotFound)?;
    load(tx, id).await
}

/// Which fines to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only this person's.
    pub user: Option<UserId>,
    /// Only these statuses; all when empty.
    pub statuses: Vec<String>,
    /// Rows to skip.
    pub offset: i64,
    /// Rows to give.
    pub limit: i64,
}

/// Fines, newest first, with the number of all that fit.
///
/// # Errors
/// A fault when the database fails.
pub async fn list(tx: &mut Tx, filter: Filter) -> Result<(Vec<Fine>, i64)> {
    let org = tx.org()?;
    let user = filter.user.map(Uuid::from);
    let rows = fine_rows!(
        "and ($2::uuid is null or user_id = $2) and (cardinality($3::text[]) = 0 or status = any($3))
         order by created_at desc, id limit $4 offset $5",
        org.0,
        user,
        &filter.statuses,
        filter.limit,
        filter.offset
    )
    .fetch_all(tx.conn())
    .await?;
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from fines
           where org_id = $1 and ($2::uuid is null or user_id = $2) and (cardinality($3::text[]) = 0 or status = any($3))"#,
        org.0,
        user,
        &filter.statuses
    )
    .fetch_one(tx.conn())
    .await?;
    let fines = rows.into_iter().map(|row| Ok(Fine::try_from(row)?)).collect::<Result<Vec<_>>>()?;
    Ok((fines, total))
}

/// Moves a locked fine and records it.
pub(super) async fn store(tx: &mut Tx, before: &Fine, mut after: Fine) -> Result<Fine> {
    let org = tx.org()?;
    after.version = before.version + 1;
    sqlx::query!(
        "update fines set status = $3, paid_at = $4, waived_at = $5, waived_by = $6, waived_reason = $7, version = $8
         where org_id = $1 and id = $2",
        org.0,
        before.id.0,
        after.status.code(),
        after.paid_at,
        after.waived_at,
        after.waived_by.map(Uuid::from),
        after.waived_reason,
        after.version
    )
    .execute(tx.conn())
    .await?;
    tx.record(Change::moved("fine", before.id, before, &after));
    Ok(after)
}
