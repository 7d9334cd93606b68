-- Every decision of the waitlist keeps the ranking it was made by (★7): an offer has it, and so have the others.

alter table alternatives add column ranking jsonb not null default '{}' check (jsonb_typeof(ranking) = 'object');
-- kept only when staff refused the wish: by whom, and how the line stood then
alter table queue_entries
    add column refused_by uuid,
    add column refused_ranking jsonb,
    add constraint queue_entries_refusal check ((refused_by is null) = (refused_ranking is null));
