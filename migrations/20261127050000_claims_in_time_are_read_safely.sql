-- Whoever reads by time must not read a GiST index either (see `constraints_nobody_else_reads`): a scan that is started
-- again may lose living entries from it, and what is taken would look free for good. An SP-GiST index is never written
-- by who reads it. It cannot begin with the organization; claims of one time are few in all of them together.
drop index claims_in_time;
create index claims_in_time on claims using spgist (during) where active;
