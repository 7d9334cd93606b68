#!/bin/sh
# Runs once, when the database of docker-compose.yml is first made: the login of the services, bound by
# row-level security. Migrations find its group role and leave it as it is.
set -eu
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -v password="$SERVICE_PASSWORD" <<'SQL'
create role teranga_app nologin nosuperuser nobypassrls nocreatedb nocreaterole;
create role teranga_service login password :'password' nosuperuser nobypassrls nocreatedb nocreaterole;
grant teranga_app to teranga_service;
SQL
