# Shared by the scripts beside it; sourced, never run. Needs bash.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck disable=SC2034  # used by the scripts that source this
data=$root/.data

say() { printf '%s\n' "$*" >&2; }

die() {
  say "$*"
  exit 1
}

# A number that stays the same for this checkout, so that two checkouts on one machine keep apart.
checkout_number() { printf '%s' "$root" | cksum | cut -d ' ' -f 1; }

# random_hex BYTES
random_hex() { od -An -N "$1" -tx1 /dev/urandom | tr -d ' \n'; }

# random_base64 BYTES
random_base64() { head -c "$1" /dev/urandom | base64 | tr -d '\n'; }

# Does anything answer on 127.0.0.1:PORT?
port_taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# free_port FIRST: the first free port from FIRST on that is not already in $ports_given; sets $port.
ports_given=' '
free_port() {
  port=$1
  while [[ $ports_given == *" $port "* ]] || port_taken "$port"; do port=$((port + 1)); done
  ports_given+="$port "
}

# lock NAME: one at a time over this checkout; held until the script ends. Programs left running must be
# started with 9>&- or they would keep it.
lock() {
  mkdir -p "$data"
  exec 9>"$data/$1.lock"
  command -v flock >/dev/null || return 0
  flock -n 9 || { say "waiting for another command on this checkout ($data/$1.lock)"; flock 9; }
}

child=

# For the trap on EXIT of a script that uses run_and_forward: some endings skip the other traps.
end_child() { [ -z "$child" ] || kill -TERM -- "-$child" 2>/dev/null || true; }

# Runs a command in a process group of its own and passes signals on to all of it, so that a stopped
# `make` leaves nothing behind. Returns the command's status.
run_and_forward() {
  local status
  set -m
  "$@" </dev/null &
  child=$!
  set +m
  # SIGTERM whatever came: a program started in the background of a script ignores SIGINT.
  trap 'kill -TERM -- "-$child" 2>/dev/null' INT TERM HUP
  # A trap interrupts wait, so wait until the child is really gone.
  while wait "$child"; status=$?; kill -0 "$child" 2>/dev/null; do :; done
  trap - INT TERM HUP
  child=
  return "$status"
}
