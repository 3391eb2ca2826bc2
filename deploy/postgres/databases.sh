#!/bin/sh
# Gives each service whose password is among the secrets its role and its database, whatever of them is there already.
set -eu

PGPASSWORD=$(cat /run/secrets/postgres-superuser)
export PGPASSWORD PGHOST=postgres PGUSER=postgres PGDATABASE=postgres
for secret in /run/secrets/db-*; do
    export SECRET="$secret"
    psql --quiet --no-psqlrc -v ON_ERROR_STOP=1 -v service="${secret##*/db-}" -f /etc/pharos/database.sql
done
