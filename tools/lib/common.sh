# shellcheck shell=bash
# What every command in tools/ shares: where things are, how progress is told, how to stop.
# Sourced, never run.

set -euo pipefail
shopt -u checkwinsize # or bash sets LINES, which `make bench` takes, to the terminal's height

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
STATE=$ROOT/.odoo               # everything that is made here; `make clean` removes it
VENV=$STATE/venv
PREFIX=$STATE/prefix            # where the Odoo package is unpacked
LOGS=$STATE/log
PGROOT=$STATE/pg
PGDATA_DIR=$PGROOT/data
ODOO_CONF=$STATE/odoo.conf
ADDONS=rebate_management,rebate_portal,rebate_sale_margin
PORT=${PORT:-8069}

# A checkout that Odoo, Python and the linters leave as clean as they found it.
export PYTHONPYCACHEPREFIX=$STATE/pycache
unset PYTHONDONTWRITEBYTECODE # or each process would compile all of Odoo again
export HYPOTHESIS_STORAGE_DIRECTORY=$STATE/hypothesis
export PYLINTHOME=$STATE/pylint
export RUFF_CACHE_DIR=$STATE/ruff

# Odoo and its addons are found through PYTHONPATH and not through the virtual environment:
# `odoo` is a namespace package, and two of them on one path would be merged into one.
if [ -n "${ODOO_SRC:-}" ]; then
  ODOO_SRC=$(cd "$ODOO_SRC" 2>/dev/null && pwd -P) || { echo "ODOO_SRC is not a folder." >&2; exit 2; }
  ODOO_PATH=$ODOO_SRC
else
  ODOO_PATH=$PREFIX/usr/lib/python3/dist-packages
fi
export PYTHONPATH=$ODOO_PATH
# Odoo has no option for all of its commands to find the configuration, but this variable.
export ODOO_RC=$ODOO_CONF

# PostgreSQL binds a Unix socket, whose path the kernel limits to 107 bytes.
PGSOCKET=$PGROOT/socket
if [ ${#PGSOCKET} -gt 85 ]; then
  PGSOCKET=${XDG_RUNTIME_DIR:-/tmp}/odoo-pg-$(id -u)-$(printf %s "$ROOT" | sha256sum | cut -c1-16)
fi

say() { printf '%s\n' "$*"; }
die() { printf '%s\n' "$*" >&2; exit 1; }

log_of() {
  printf '%s/%s.log' "$LOGS" "$(printf %s "$1" | tr -cs '[:alnum:]' - | tr '[:upper:]' '[:lower:]' | cut -c1-60)"
}

# step "What is done" command…: one line on the screen, the command's output in a log file.
step() {
  local what=$1 began=$SECONDS log
  shift
  mkdir -p "$LOGS"
  log=$(log_of "$what")
  printf '%s … ' "$what"
  # Not followed by `||`, behind which bash ignores `set -e` even in a child shell that sets it.
  local status
  set +e
  ( set -e; "$@" ) >"$log" 2>&1 </dev/null
  status=$?
  set -e
  if [ "$status" -ne 0 ]; then
    printf 'failed after %d s\n\n' $((SECONDS - began))
    tail -n 40 "$log" >&2
    die "
Failed: $what. The whole log is in ${log#"$PWD"/}"
  fi
  printf '%d s\n' $((SECONDS - began))
}

# One setup, one database build at a time in a checkout; the second waits and then finds it done.
take_lock() {
  [ -n "${TOOLS_LOCKED:-}" ] && return
  mkdir -p "$STATE"
  [ -w "$STATE" ] || die "$STATE belongs to $(stat -c %U "$STATE"): work as that user, or remove it."
  exec 9>"$STATE/lock"
  if ! flock -w 3 9; then
    say "Another run is setting up this checkout; waiting for it."
    flock 9
  fi
  export TOOLS_LOCKED=1
}

release_lock() {
  exec 9>&-
  unset TOOLS_LOCKED
}
