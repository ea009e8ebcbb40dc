#!/bin/sh
# PostgreSQL of Debian, started with the variables and the folder that the usual image of it has:
# POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB, /docker-entrypoint-initdb.d.
set -eu
bin=/usr/lib/postgresql/15/bin
user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}

if [ ! -s "$PGDATA/PG_VERSION" ]; then
  : "${POSTGRES_PASSWORD:?give the database a password: POSTGRES_PASSWORD}"
  secret=$(mktemp)
  printf '%s\n' "$POSTGRES_PASSWORD" > "$secret"
  "$bin/initdb" --username="$user" --pwfile="$secret" --auth-local=trust \
    --auth-host=scram-sha-256 --locale=C.UTF-8 --no-instructions > /dev/null
  rm "$secret"
  echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
  echo "listen_addresses = '*'
unix_socket_directories = '$PGHOST'" >> "$PGDATA/postgresql.conf"
  # Nobody is let in over the network before the database is whole.
  "$bin/pg_ctl" --silent --wait --options="-c listen_addresses=''" start >&2
  [ "$database" = postgres ] || "$bin/createdb" --username="$user" "$database"
  for script in /docker-entrypoint-initdb.d/*.sql; do
    [ ! -e "$script" ] || "$bin/psql" --quiet --no-psqlrc --set=ON_ERROR_STOP=1 \
      --username="$user" --dbname="$database" --file="$script"
  done
  "$bin/pg_ctl" --silent --wait --mode=fast stop > /dev/null
fi
exec "$bin/$@"
