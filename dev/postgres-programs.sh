# Finding the server programs, and installing them where they are missing; sourced by dev/postgres.
# shellcheck shell=bash

# The oldest server this project is tested with.
oldest=15

# Every directory that may hold server programs, one a line, links resolved: a lone link to initdb in
# /usr/local/bin stands for the directory it points into, where psql is too.
program_directories() {
  local initdb
  for initdb in /usr/lib/postgresql/*/bin/initdb /usr/pgsql-*/bin/initdb /usr/local/pgsql/bin/initdb \
    /opt/homebrew/opt/postgresql@*/bin/initdb /usr/local/opt/postgresql@*/bin/initdb \
    "$(pg_config --bindir 2>/dev/null || true)/initdb" "$(command -v initdb || true)"; do
    [ ! -x "$initdb" ] || dirname "$(readlink -f "$initdb")"
  done
}

# major DIRECTORY: the major version of the server in it.
major() { "$1/postgres" --version 2>/dev/null | sed -n 's/^[^0-9]*\([0-9]*\).*/\1/p'; }

has_postgis() {
  local share
  share=$("$1/pg_config" --sharedir 2>/dev/null) || share=/usr/share/postgresql/$(major "$1")
  [ -e "$share/extension/postgis.control" ]
}

# servers: "MAJOR DIRECTORY" of each installed server that is new enough, newest first.
servers() {
  local directory version
  program_directories | sort -u | while read -r directory; do
    [ -x "$directory/psql" ] || continue
    version=$(major "$directory")
    [ "${version:-0}" -lt "$oldest" ] || printf '%s %s\n' "$version" "$directory"
  done | sort -rn
}

# The programs of the newest server that has PostGIS.
find_programs() {
  local version directory
  while read -r version directory; do
    if has_postgis "$directory"; then printf '%s\n' "$directory" && return; fi
  done < <(servers)
  return 1
}

# programs_of MAJOR
programs_of() {
  local directory
  directory=$(servers | sed -n "s/^$1 //p" | head -n 1)
  [ -n "$directory" ] && printf '%s\n' "$directory"
}

# Installs the server and PostGIS with apt, where this account may. Fails quietly where it may not.
install_programs() {
  local as=() version
  command -v apt-get >/dev/null || return 1
  if [ "$(id -u)" != 0 ]; then
    sudo -n true 2>/dev/null || return 1
    as=(sudo -n)
  fi
  say "installing Postgres and PostGIS with apt-get, once"
  "${as[@]}" apt-get update -q >&2 || say "apt-get update failed; trying with the lists there are"
  if [ -z "$(servers)" ]; then
    # Ours is the only cluster wanted: keep the package from starting one of its own.
    apt_install "${as[@]}" -- postgresql-common &&
      "${as[@]}" sed -i 's/^#\?create_main_cluster.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf &&
      apt_install "${as[@]}" -- postgresql || return 1
  fi
  version=$(servers | head -n 1 | cut -d ' ' -f 1)
  [ -n "$version" ] || { say "this system's Postgres is older than $oldest"; return 1; }
  apt_install "${as[@]}" -- "postgresql-$version-postgis-3"
}

# apt_install [SUDO…] -- PACKAGE…
apt_install() {
  local as=()
  while [ "$1" != -- ]; do as+=("$1"); shift; done
  shift
  "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
    -o Dpkg::Options::=--force-confold "$@" >&2
}

# --- psql ---------------------------------------------------------------------------------------

psql_directory() {
  local found
  if found=$(find_programs); then printf '%s\n' "$found" && return; fi
  found=$(command -v psql) || die "psql is needed: install the Postgres client programs"
  dirname "$found"
}

psql_at() {
  local psql password
  psql=$(psql_directory)/psql
  # Arguments are visible to all, so the password of user:password@host goes through the environment.
  password=$(printf '%s\n' "$1" | sed -nE 's#^[a-z]+://[^:@/]*:([^@/]*)@.*#\1#p')
  password=$(printf '%b' "${password//%/\\x}")
  PGPASSWORD=$password "$psql" -X -q -A -t -v ON_ERROR_STOP=1 \
    -d "$(printf '%s\n' "$1" | sed -E 's#^([a-z]+://[^:@/]*):[^@/]*@#\1@#')" "${@:2}"
}

# database_url URL DATABASE: the same server and login, another database.
database_url() {
  [ -n "$2" ] || { printf '%s\n' "$1"; return; }
  printf '%s\n' "$1" | sed -E "s#^([a-z]+://[^/?]+)(/[^?]*)?#\1/$2#"
}
