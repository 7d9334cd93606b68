//! What is for some people only (SN43): things booked by certain roles, and among their units those with a feature that
//! somebody needs, such as a wide bay or one with a charger.

use super::Booking;
use crate::{db::Tx, error::Result, ids::*, inventory::units::Unit, policies::Rules, refusals::Refusal};
use uuid::Uuid;

/// Its person has one of the roles it is for, if it is for some only.
///
/// # Errors
/// [`Refusal::NotEligible`].
pub(super) async fn must_be(tx: &mut Tx, booking: &Booking) -> Result<()> {
    let needed = &booking.policy.eligible_roles;
    if needed.is_empty() {
        return Ok(());
    }
    let roles = roles_of(tx, booking.beneficiary).await?;
    if roles.iter().any(|role| needed.contains(role)) {
        return Ok(());
    }
    Err(Refusal::NotEligible { rule: "eligible_roles", limit: needed.clone(), value: roles }.into())
}

/// Features under these rules whose units this person leaves to others.
pub(super) async fn reserved(tx: &mut Tx, user: UserId, rules: &Rules) -> Result<Vec<String>> {
    if rules.reserved_features.is_empty() {
        return Ok(Vec::new());
    }
    let roles = roles_of(tx, user).await?;
    let others = rules.reserved_features.iter().filter(|(_, needed)| !roles.iter().any(|role| needed.contains(role)));
    Ok(others.map(|(feature, _)| feature.clone()).collect())
}

/// None of these units, which somebody named, has a reserved feature.
///
/// # Errors
/// [`Refusal::NotEligible`].
pub(super) async fn must_not_be_for_others(
    tx: &mut Tx,
    booking: &Booking,
    reserved: &[String],
    named: &[Unit],
) -> Result<()> {
    if reserved.is_empty() {
        return Ok(());
    }
    let org = tx.org()?;
    let feature = sqlx::query_scalar!(
        r#"select f.feature as "feature!"
           from units u join resources r on r.org_id = u.org_id and r.id = u.resource_id
           cross join lateral unnest(u.features || r.features) as f (feature)
           where u.org_id = $1 and u.id = any($2) and f.feature = any($3) limit 1"#,
        org.0,
        &named.iter().map(|unit| unit.id.0).collect::<Vec<Uuid>>(),
        reserved
    )
    .fetch_optional(tx.conn())
    .await?;
    let Some(feature) = feature else { return Ok(()) };
    let limit = booking.policy.reserved_features.get(&feature).cloned().unwrap_or_default();
    let value = roles_of(tx, booking.beneficiary).await?;
    Err(Refusal::NotEligible { rule: "reserved_features", limit, value }.into())
}

async fn roles_of(tx: &mut Tx, user: UserId) -> Result<Vec<String>> {
    let org = tx.org()?;
    Ok(sqlx::query_scalar!(
        "select role from membership_roles where org_id = $1 and user_id = $2 order by role",
        org.0,
        user.0
    )
    .fetch_all(tx.conn())
    .await?)
}
