-- Every transaction of an organization's books locked the row of the organization, and every side of it the row of its account,
-- when it was written: all payments of the busiest tenant met there. An account is found before anything is written to it, under
-- the organization that is set; neither is ever deleted (the application has no right to).
alter table ledger_transactions drop constraint ledger_transactions_org_id_fkey;
alter table entries drop constraint entries_org_id_account_id_fkey;
