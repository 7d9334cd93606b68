-- A session may also be shown by one opaque token, good for a day: in a browser's cookie, or as a bearer by clients that
-- know no refresh (C18, CX6). Only its hash is stored.
alter table sessions
    add column token_hash bytea constraint sessions_token_key unique,
    add column token_expires_at timestamptz,
    add constraint sessions_whole_token check ((token_hash is null) = (token_expires_at is null));
