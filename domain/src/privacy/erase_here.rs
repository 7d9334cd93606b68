//! What one organization keeps about a person who was erased: emptied in one commit. Doing it again finds nothing left.
//! Rows are taken in the house's order of locks: events, payments, resources, bookings, and then the rest.

use super::blockers;
use crate::{
    audit::Change,
    db::Tx,
    error::{Fault, Result},
    ids::*,
};
use serde_json::json;
use uuid::Uuid;

/// Empties what the organization of this transaction holds about an erased person. Answers false, and changes nothing,
/// while something of theirs is unfinished here: it was begun in the moment of the erasure.
///
/// # Errors
/// A fault when the database fails, or when the person was not erased.
pub async fn erase_here(tx: &mut Tx, user: UserId, operation: OperationId) -> Result<bool> {
    let org = tx.org()?;
    let status = sqlx::query_scalar!("select status from users where id = $1", user.0).fetch_one(tx.conn()).await?;
    if status != "erased" {
        return Err(Fault::corrupt("erasure", "of a person who was not erased").into());
    }
    let unfinished = blockers(tx, user).await?;
    if unfinished.iter().any(|blocker| blocker.org_id == org && blocker.reason != "last_admin") {
        return Ok(false);
    }
    money(tx, org.0, user.0).await?;
    business(tx, org.0, user.0).await?;
    series(tx, org.0, user.0).await?;
    words(tx, org.0, user.0).await?;
    messages(tx, org.0, user.0).await?;
    papers(tx, org.0, user.0).await?;
    leave(tx, user, operation).await?;
    sqlx::query_scalar!(r#"select erase_audit($1) as "rows!""#, user.0).fetch_one(tx.conn()).await?;
    Ok(true)
}

async fn money(tx: &mut Tx, org: Uuid, user: Uuid) -> Result<()> {
    sqlx::query!(
        "update inbound_events v set body = ''
         from payments p where p.org_id = $1 and p.user_id = $2 and v.org_id = p.org_id and v.payment_id = p.id
           and v.body <> ''",
        org,
        user
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update payments set return_url = null, next_action = null, payer_phone = null
         where org_id = $1 and user_id = $2 and (return_url is not null or next_action is not null or payer_phone is not null)",
        org,
        user
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

async fn business(tx: &mut Tx, org: Uuid, user: Uuid) -> Result<()> {
    let now = tx.now();
    sqlx::query!(
        r#"update resources
           set attributes = case when attributes ? 'plate_number'
                                 then attributes || '{"plate_number": "erased"}' else attributes end,
               deleted_at = case when kind = 'vehicle' then coalesce(deleted_at, $3) else deleted_at end
           where org_id = $1 and owner_user_id = $2
             and (kind = 'vehicle' and deleted_at is null or attributes ->> 'plate_number' <> 'erased')"#,
        org,
        user,
        now
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update trips set rules = null, luggage_policy = null
         where org_id = $1 and driver_user_id = $2 and (rules is not null or luggage_policy is not null)",
        org,
        user
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update bookings set note = null, purpose = null
         where org_id = $1 and (creator_user_id = $2 or beneficiary_user_id = $2)
           and (note is not null or purpose is not null)",
        org,
        user
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The same of what comes again.
async fn series(tx: &mut Tx, org: Uuid, user: Uuid) -> Result<()> {
    sqlx::query!(
        "update booking_series set note = null, purpose = null
         where org_id = $1 and (creator_user_id = $2 or beneficiary_user_id = $2)
           and (note is not null or purpose is not null)",
        org,
        user
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What was said about their wishes and their fines. That they were waited for and paid stays.
async fn words(tx: &mut Tx, org: Uuid, user: Uuid) -> Result<()> {
    sqlx::query!(
        "update offers o set reason = null from queue_entries e
         where e.org_id = $1 and e.user_id = $2 and o.org_id = e.org_id and o.queue_entry_id = e.id
           and o.reason is not null",
        org,
        user
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update alternatives a set reason = 'erased' from queue_entries e
         where e.org_id = $1 and e.user_id = $2 and a.org_id = e.org_id and a.queue_entry_id = e.id
           and a.reason <> 'erased'",
        org,
        user
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update queue_entries set reason = null where org_id = $1 and user_id = $2 and reason is not null",
        org,
        user
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update fines set note = null,
                          waived_reason = case when waived_reason is not null then 'erased' end
         where org_id = $1 and user_id = $2 and (note is not null or waived_reason <> 'erased')",
        org,
        user
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update wallet_adjustments set reason = 'erased' where org_id = $1 and user_id = $2 and reason <> 'erased'",
        org,
        user
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

async fn messages(tx: &mut Tx, org: Uuid, user: Uuid) -> Result<()> {
    sqlx::query!(
        "update deliveries d
         set address = 'erased/' || d.id, provider_message_id = null,
             status = case when d.status in ('queued', 'sending') then 'dropped' else d.status end,
             error = case when d.status in ('queued', 'sending') then 'reader erased' else d.error end
         from notifications n
         where n.org_id = $1 and n.user_id = $2 and d.org_id = n.org_id and d.notification_id = n.id
           and d.address not like 'erased/%'",
        org,
        user
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        r#"update notifications set payload = '{"erased": true}'
           where org_id = $1 and user_id = $2 and payload <> '{"erased": true}'"#,
        org,
        user
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Documents, numbers, copies, and answers that were kept to be repeated.
async fn papers(tx: &mut Tx, org: Uuid, user: Uuid) -> Result<()> {
    sqlx::query!(
        "update kyc_documents
         set doc_number = '', front_key = 'erased', back_key = null, notes = null, expires_on = null,
             status = case when status = 'pending' then 'expired' else status end
         where org_id = $1 and user_id = $2 and front_key <> 'erased'",
        org,
        user
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update invitations set contact = 'erased/' || id
         where org_id = $1 and accepted_by = $2 and contact not like 'erased/%'",
        org,
        user
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "delete from one_time_codes where target in (select number from payout_destinations
                                                     where org_id = $1 and user_id = $2)",
        org,
        user
    )
    .execute(tx.conn())
    .await?;
    let now = tx.now();
    sqlx::query!(
        "update payout_destinations set number = 'erased', holder_name = '', replaced_at = coalesce(replaced_at, $3)
         where org_id = $1 and user_id = $2 and number <> 'erased'",
        org,
        user,
        now
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!(
        "update person_exports set document = null where org_id = $1 and user_id = $2 and document is not null",
        org,
        user
    )
    .execute(tx.conn())
    .await?;
    crate::reports::forget(tx, user.into()).await?;
    sqlx::query!("delete from idempotency_keys where org_id = $1 and actor_id = $2", org, user)
        .execute(tx.conn())
        .await?;
    // an answer to somebody else must still be repeated, and be of the same shape, without what it said about this person
    sqlx::query!(
        r#"update idempotency_keys k set body = without_personal(k.body, '""')
           where k.org_id = $1 and k.body is distinct from without_personal(k.body, '""')
             and exists (select from of_person($2) p where position(p.id::text in k.body::text) > 0)"#,
        org,
        user
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The membership stays as a row others refer to, and gives nothing.
async fn leave(tx: &mut Tx, user: UserId, operation: OperationId) -> Result<()> {
    let org = tx.org()?;
    sqlx::query!("delete from membership_roles where org_id = $1 and user_id = $2", org.0, user.0)
        .execute(tx.conn())
        .await?;
    sqlx::query!("delete from preferences where org_id = $1 and user_id = $2", org.0, user.0)
        .execute(tx.conn())
        .await?;
    let now = tx.now();
    sqlx::query!("delete from calendar_imports where org_id = $1 and user_id = $2", org.0, user.0)
        .execute(tx.conn())
        .await?;
    sqlx::query!(
        "update calendar_feeds set revoked_at = $3 where org_id = $1 and user_id = $2 and revoked_at is null",
        org.0,
        user.0,
        now
    )
    .execute(tx.conn())
    .await?;
    sqlx::query!("delete from favourites where org_id = $1 and user_id = $2", org.0, user.0).execute(tx.conn()).await?;
    let left = sqlx::query!(
        "update memberships set status = 'suspended', extra_permissions = '{}'
         where org_id = $1 and user_id = $2 and status = 'active'",
        org.0,
        user.0
    )
    .execute(tx.conn())
    .await?
    .rows_affected();
    if left == 1 {
        let (before, after) = (json!({ "status": "active" }), json!({ "status": "suspended" }));
        let why = json!({ "reason": "erased", "operation_id": operation });
        tx.record(Change::moved("membership", user, before, after).because(why));
    }
    Ok(())
}
