-- Every row of an organization locked the one row of the organization when it was written, so that the busiest tenant's
-- commits met there, several times each. A booking's resource, or the person and the tenant the row was written for, are
-- known to exist already, and organizations are never deleted (the application has no right to).
alter table bookings drop constraint bookings_org_id_fkey;  -- (org_id, resource_id) says as much
alter table notifications drop constraint notifications_org_id_fkey;
alter table audit_events drop constraint audit_events_org_id_fkey;
alter table idempotency_keys drop constraint idempotency_keys_org_id_fkey;
