# shellcheck shell=bash
# Databases with the addons installed: made once, updated when the addons' source has changed.
# Sourced after common.sh.

MARKS=$STATE/databases  # per database: `name` holds the checksum installed, `name.building` is being made

# One run per database; DB= chooses another one.
lock_database() {
  mkdir -p "$MARKS"
  [[ $1 =~ ^[A-Za-z0-9_.-]+$ ]] || die "DB=$1: a database's name is made of letters, digits, _ . and -"
  exec 7>"$MARKS/$1.lock"
  if ! flock -n 7; then
    say "Another run is using the database $1; waiting for it (DB=… chooses another)."
    flock 7
  fi
}

# Those of our addons that the checkout has, as Odoo wants to be told.
addons() {
  local addon found=()
  for addon in ${ADDONS//,/ }; do
    [ ! -f "$ROOT/$addon/__manifest__.py" ] || found+=("$addon")
  done
  local IFS=,
  printf %s "${found[*]}"
}

# Of everything in the addons that ends up in a database; tests and texts do not.
source_checksum() {
  (
    cd "$ROOT"
    find ${ADDONS//,/ } -type f \
      -not -path '*/tests/*' -not -path '*/readme/*' -not -path '*/__pycache__/*' \
      -not -name '*.md' -not -name '*.pyc' -print0 2>/dev/null |
      LC_ALL=C sort -z | xargs -0r sha256sum | sha256sum | cut -d' ' -f1
  ) || true
}

database_exists() {
  [ "$("$ROOT/tools/psql" -Atc "SELECT 1 FROM pg_database WHERE datname = '$1'")" = 1 ]
}

drop_database() {
  "$ROOT/tools/psql" -qc "DROP DATABASE IF EXISTS \"$1\" WITH (FORCE)"
  rm -rf "$STATE/data/filestore/$1" "$MARKS/$1" "$MARKS/$1.building" "$MARKS/$1.kept"
}

# Odoo ends well although a module was left out, so look at what it did.
check_installed() {
  local left
  left=$("$ROOT/tools/psql" -d "$1" -Atc "SELECT name || ' is ' || state FROM ir_module_module
    WHERE name = ANY (string_to_array('$(addons)', ',')) AND state != 'installed'")
  [ -z "$left" ] || die "Odoo left a module behind: $left"
}

run_odoo() {
  local database=$1
  shift
  "$ROOT/tools/odoo" -d "$database" --no-http --stop-after-init --log-level=warn "$@"
  check_installed "$database"
}

# make_database NAME [--with-demo]
make_database() {
  local sum
  sum=$(source_checksum)
  # A database without our mark was made by somebody for something else: not ours to drop.
  if database_exists "$1" && [ ! -e "$MARKS/$1" ] && [ ! -e "$MARKS/$1.building" ]; then
    die "There is a database $1 that was not made here. Choose another name with DB=…, or drop it: tools/odoo db drop $1"
  fi
  drop_database "$1"
  touch "$MARKS/$1.building"
  run_odoo "$1" -i "$(addons)" "${@:2}"
  printf %s "$sum" >"$MARKS/$1"
  rm "$MARKS/$1.building"
}

update_database() {
  local sum
  sum=$(source_checksum)
  # An addon that is new is installed, the others are updated.
  run_odoo "$1" -i "$(addons)" -u "$(addons)"
  printf %s "$sum" >"$MARKS/$1"
}

is_complete() { [ -e "$MARKS/$1" ] && [ ! -e "$MARKS/$1.building" ] && database_exists "$1"; }
is_current() { [ "$(cat "$MARKS/$1")" = "$(source_checksum)" ]; }

# The company with which the tests begin is made once and kept; `name.kept` holds by which source.
KEEPER=$ROOT/rebate_management/tests/common_kept.py

keep_company() {
  "$ROOT/tools/odoo" shell -d "$1" --no-http --log-level=warn <"$ROOT/tools/lib/keep_company.py"
  sha256sum <"$KEEPER" >"$MARKS/$1.kept"
}

keeps_company() { [ -e "$MARKS/$1.kept" ]; }
keeps_another() { keeps_company "$1" && ! sha256sum <"$KEEPER" | cmp -s - "$MARKS/$1.kept"; }

# ensure_database NAME: with the addons as they are now, made or updated where it has to be.
ensure_database() {
  if ! is_complete "$1"; then
    step "Installing the addons in a new database $1" make_database "$1"
  elif ! is_current "$1"; then
    step "Updating the addons in the database $1" update_database "$1"
  fi
}

# What Odoo complained about while a step ran, which nobody would see in a log file.
show_complaints() {
  local complaints
  complaints=$(grep -E ' (WARNING|ERROR|CRITICAL) |^[^ ]*(WARNING|ERROR)/[0-9]' "$1" || true)
  [ -z "$complaints" ] || printf 'Odoo logged:\n%s\n' "$complaints" | cut -c1-400
}
