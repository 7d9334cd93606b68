-- A code may also let somebody choose a new password (SN3).
alter table one_time_codes drop constraint one_time_codes_purpose_check;
alter table one_time_codes add constraint one_time_codes_purpose_known check
    (purpose in ('verify_phone', 'verify_email', 'sign_in', 'payout_destination', 'reset_password'));
