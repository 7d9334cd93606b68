-- Every booking of a resource asks whether somebody waits for it or has an offer (H8): lines that are empty must cost
-- nothing, however many have waited before.
create index queue_entries_offered on queue_entries (org_id, resource_id) where status = 'offered';
