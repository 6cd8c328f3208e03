#!/usr/bin/env bash
# What a pull request asks of a blueprint: is it sound, is everything that is written current, what
# would change, and is that allowed. It needs no credentials and changes nothing but the folder of
# reports. It ends with the first code that is not 0: 1 an error, 2 files differ, 3 a gate was hit.
#
#   BASE           the commit to compare with; without it, nothing is compared
#   BLUEPRINT      the blueprint (blueprint.yaml)
#   OUT            the folder that synth writes to (out); held against what is there if it is committed
#   REPORTS        the folder for reports (tenantry-reports)
#   FAIL_ON        changes that stop it, with commas between them: replace, data-loss, isolation, quota
#   ONLY_TENANTS   nobody else may be touched
#   TENANTRY       the program (tenantry)
#   GITHUB_OUTPUT  where outputs are put: has_changes, max_severity, matrix, comment, compared
set -uo pipefail

tenantry=${TENANTRY:-tenantry}
blueprint=${BLUEPRINT:-blueprint.yaml}
out=${OUT:-out}
reports=${REPORTS:-tenantry-reports}
base=${BASE:-}
result=0
mkdir -p "$reports" || exit 1

say() { printf '\n== %s\n' "$*"; }
keep() { [ "$result" != 0 ] || result=$1; }
put() { printf '%s=%s\n' "$1" "$2" | tee -a "${GITHUB_OUTPUT:-/dev/null}"; }

say "check $blueprint"
"$tenantry" check "$blueprint" --locked --format sarif > "$reports/check.sarif"
keep $?
if [ -n "${GITHUB_ACTIONS:-}" ]; then
  "$tenantry" check "$blueprint" --locked --format github
else
  "$tenantry" check "$blueprint" --locked --format junit > "$reports/check.xml"
  "$tenantry" check "$blueprint" --locked
fi

say 'synth --check'
if [ "$result" != 0 ]; then
  echo 'left out: the blueprint is not sound'
elif [ -n "$(git ls-files -- "$out")" ]; then
  "$tenantry" synth "$blueprint" --locked --check --out "$out"
  keep $?
else
  # What is written is not committed here: only the lock and the picture can differ.
  scratch=$(mktemp -d) || exit 1
  trap 'rm -rf "$scratch"' EXIT
  "$tenantry" synth "$blueprint" --locked --out "$scratch" 2> /dev/null &&
    "$tenantry" synth "$blueprint" --locked --check --out "$scratch"
  keep $?
fi

# The number that stands behind a key of the report, in an object of it or at its top.
count() { sed -n "/^  \"$1\": {/,/^  }/s/^    \"$2\": \([0-9]*\),*\$/\1/p" "$reports/diff.json"; }
top() { sed -n "s/^  \"$1\": \([0-9]*\),*\$/\1/p" "$reports/diff.json"; }

severity() {
  local changes word
  if [ "$(top data_loss)" != 0 ]; then echo data-loss; return; fi
  for word in replace may-replace delete update revise create; do
    changes=$(count resources "$word")
    # What is revised is an update, too: only its form differs.
    if [ "${changes:-0}" != 0 ]; then echo "${word/revise/update}"; return; fi
  done
  for word in delete update create; do
    changes=$(count stacks "$word")
    if [ "${changes:-0}" != 0 ]; then echo "$word"; return; fi
  done
  echo none
}

if [ -n "$base" ] && [ "$result" != 1 ]; then
  say "diff --base $base"
  gates=()
  [ -z "${FAIL_ON:-}" ] || gates+=(--fail-on "$FAIL_ON")
  [ -z "${ONLY_TENANTS:-}" ] || gates+=(--only-tenants "$ONLY_TENANTS")
  compare=("$tenantry" diff "$blueprint" --base "$base")
  "${compare[@]}" --format json > "$reports/diff.json" || { keep $?; exit "$result"; }
  "${compare[@]}" --format markdown > "$reports/comment.md" || { keep $?; exit "$result"; }
  cat "$reports/comment.md"
  "${compare[@]}" --format sarif "${gates[@]}" > "$reports/diff.sarif"
  code=$?
  [ -z "${GITHUB_ACTIONS:-}" ] || "${compare[@]}" --format github "${gates[@]}"
  keep $code
  say 'outputs'
  highest=$(severity)
  if [ "$highest" = none ]; then put has_changes false; else put has_changes true; fi
  put max_severity "$highest"
  "$tenantry" affected "$blueprint" --base "$base" --format matrix |
    tee -a "${GITHUB_OUTPUT:-/dev/null}"
  keep "${PIPESTATUS[0]}"
  put compared true
  put comment "$reports/comment.md"
fi
exit "$result"
