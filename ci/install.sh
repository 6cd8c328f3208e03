#!/usr/bin/env bash
# Sees to it that `tenantry` is there: it is on the search path already, or it is built from the
# sources beside this script, or INSTALL says how to get it.
set -euo pipefail

if command -v tenantry > /dev/null; then
  tenantry --version
  exit 0
fi
sources=$(cd "$(dirname "$0")/.." && pwd)
if grep -qs '^name = "tenantry"$' "$sources/Cargo.toml"; then
  cargo install --quiet --locked --path "$sources"
elif [ -n "${INSTALL:-}" ]; then
  bash -euo pipefail -c "$INSTALL"
else
  echo 'tenantry is not on the search path: install it in a step before, or say how with INSTALL' >&2
  exit 1
fi
tenantry --version
