-- The ranking asks first who waits in a line, and how many that are decides how it is planned. The stored score is as
-- old as the joining and orders nothing.
drop index queue_entries_line;
create index queue_entries_people on queue_entries (org_id, resource_id, user_id, useful_until) where status = 'waiting';
