//! Lists of series.

use super::{OnConflict, Series, queries::series_rows};
use crate::{
    db::Tx,
    error::Result,
    ids::*,
    paging::{Listed, Page},
};

/// Which series; what is not said does not matter.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Made by or for this person.
    pub of: Option<UserId>,
    /// Of this resource.
    pub resource: Option<ResourceId>,
    /// With this booking.
    pub booking: Option<BookingId>,
}

/// Series that fit, the newest first.
///
/// # Errors
/// A fault when the database fails.
pub async fn list(tx: &mut Tx, filter: &Filter, page: Page) -> Result<Listed<Series>> {
    let org = tx.org()?;
    let (of, resource) = (filter.of.map(|user| user.0), filter.resource.map(|resource| resource.0));
    let booking = filter.booking.map(|booking| booking.0);
    let rows = series_rows!(
        "and ($2::uuid is null or s.beneficiary_user_id = $2 or s.creator_user_id = $2)
           and ($3::uuid is null or s.resource_id = $3)
           and ($4::uuid is null or exists (select from bookings b
                where b.org_id = s.org_id and b.id = $4 and b.series_id = s.id))
         order by s.created_at desc, s.id limit $5 offset $6",
        org.0,
        of,
        resource,
        booking,
        page.limit,
        page.offset
    )
    .fetch_all(tx.conn())
    .await?;
    let total = sqlx::query_scalar!(
        r#"select count(*) as "n!" from booking_series s
           where s.org_id = $1 and ($2::uuid is null or s.beneficiary_user_id = $2 or s.creator_user_id = $2)
             and ($3::uuid is null or s.resource_id = $3)
             and ($4::uuid is null or exists (select from bookings b
                  where b.org_id = s.org_id and b.id = $4 and b.series_id = s.id))"#,
        org.0,
        of,
        resource,
        booking
    )
    .fetch_one(tx.conn())
    .await?;
    let items = rows.into_iter().map(|row| Ok(Series::try_from(row)?)).collect::<Result<Vec<_>>>()?;
    Ok(Listed { items, total })
}
