-- The questions asked of the audit trail (U3, U6), each answered newest first.
create index audit_events_actor on audit_events (org_id, actor_id, id);
create index audit_events_type on audit_events (org_id, entity_type, id);
create index audit_events_time on audit_events (org_id, created_at);
