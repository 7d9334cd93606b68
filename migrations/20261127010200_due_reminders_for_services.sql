-- What sees every organization is for the services alone.
revoke all on function due_reminders(interval, int) from public;
grant execute on function due_reminders(interval, int) to teranga_app;
