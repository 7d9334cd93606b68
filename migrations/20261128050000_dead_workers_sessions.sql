-- By which name the sessions of a runner's process are known to the database, so that whoever declares the runner dead
-- can end those that it left in the middle of a transaction. Null: unknown, and none is ended.
alter table queue.workers add column sessions text check (sessions <> '');
