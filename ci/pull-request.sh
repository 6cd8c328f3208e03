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
#   GITHUB_STEP_SUMMARY  where the comment is put, too
#
# The comment says what is wrong, too: one that is left from before would say what is no longer so.
set -uo pipefail

tenantry=${TENANTRY:-tenantry}
blueprint=${BLUEPRINT:-blueprint.yaml}
out=${OUT:-out}
reports=${REPORTS:-tenantry-reports}
base=${BASE:-}
result=0
mkdir -p "$reports" || exit 1

rm -f "$reports/wrong.md" "$reports/diff.md" "$reports/comment.md"

say() { printf '\n== %s\n' "$*"; }
keep() { [ "$result" != 0 ] || result=$1; }
put() { printf '%s=%s\n' "$1" "$2" | tee -a "${GITHUB_OUTPUT:-/dev/null}"; }

# What stands in the comment above everything else: a line, and what the tool said as it is. Four
# spaces make code of it, whatever it holds.
wrong() { printf '\n**%s**\n\n' "$1" >> "$reports/wrong.md"; }
said() { head -n 50 | cut -c 1-400 | sed 's/^/    /' >> "$reports/wrong.md"; }

# Source of the limit: https://github.com/orgs/community/discussions/27190.
comment() {
  local size
  [ -n "$base" ] || return 0
  touch "$reports/wrong.md" "$reports/diff.md"
  size=$(cat "$reports/wrong.md" "$reports/diff.md" | wc -c)
  {
    # By its first line, the comment is known again.
    printf '<!-- tenantry: %s -->\n' "$blueprint"
    if [ "$size" -le 65000 ]; then cat "$reports/wrong.md"; else grep '^\*\*' "$reports/wrong.md"; fi
    cat "$reports/diff.md"
  } > "$reports/comment.md"
  # On GitHub it stands on the page of the job as well, also where nobody may comment:
  # https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands.
  [ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$reports/comment.md" >> "$GITHUB_STEP_SUMMARY"
  put comment "$reports/comment.md"
}

finish() {
  comment
  exit "$result"
}

say "check $blueprint"
"$tenantry" check "$blueprint" --locked --format sarif > "$reports/check.sarif"
keep $?
if [ -n "${GITHUB_ACTIONS:-}" ]; then
  "$tenantry" check "$blueprint" --locked --format github
else
  "$tenantry" check "$blueprint" --locked --format junit > "$reports/check.xml"
  "$tenantry" check "$blueprint" --locked
fi
if [ "$result" != 0 ]; then
  if [ "$result" = 3 ]; then wrong "$blueprint does not pass"
  else wrong "$blueprint is not sound, so nothing is compared"; fi
  "$tenantry" check "$blueprint" --locked --format markdown 2>&1 >> "$reports/wrong.md" | said
fi

say 'synth --check'
check=("$tenantry" synth "$blueprint" --locked --check --out)
if [ "$result" != 0 ]; then
  echo 'left out: the blueprint is not sound'
elif [ -n "$(git ls-files -- "$out")" ]; then
  "${check[@]}" "$out" | tee "$reports/differ.txt"
  keep "${PIPESTATUS[0]}"
else
  # What is written is not committed here: only the lock and the picture can differ.
  scratch=$(mktemp -d) || exit 1
  trap 'rm -rf "$scratch"' EXIT
  "$tenantry" synth "$blueprint" --locked --out "$scratch" 2> /dev/null &&
    "${check[@]}" "$scratch" | tee "$reports/differ.txt"
  keep $?
fi
if [ "$result" = 2 ]; then
  wrong "What is committed is not what $blueprint says: run tenantry synth, and commit these"
  said < "$reports/differ.txt"
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

[ -n "$base" ] && [ "$result" != 1 ] || finish
say "diff --base $base"
gates=()
[ -z "${FAIL_ON:-}" ] || gates+=(--fail-on "$FAIL_ON")
[ -z "${ONLY_TENANTS:-}" ] || gates+=(--only-tenants "$ONLY_TENANTS")
compare=("$tenantry" diff "$blueprint" --base "$base")
"${compare[@]}" --format json > "$reports/diff.json" 2> "$reports/diff.err"
code=$?
if [ "$code" = 0 ]; then
  "${compare[@]}" --format markdown > "$reports/diff.md" 2> "$reports/diff.err"
  code=$?
fi
cat "$reports/diff.err" >&2
if [ "$code" != 0 ]; then
  keep "$code"
  wrong "It cannot be compared with $base"
  said < "$reports/diff.err"
  rm -f "$reports/diff.md"
  finish
fi
cat "$reports/diff.md"
"${compare[@]}" --format sarif "${gates[@]}" > "$reports/diff.sarif"
code=$?
[ -z "${GITHUB_ACTIONS:-}" ] || "${compare[@]}" --format github "${gates[@]}"
keep "$code"
[ "$code" = 0 ] || wrong "This stops the job${FAIL_ON:+; changes that do: $FAIL_ON}${ONLY_TENANTS:+; nobody else may be touched: $ONLY_TENANTS}"
say 'outputs'
highest=$(severity)
if [ "$highest" = none ]; then put has_changes false; else put has_changes true; fi
put max_severity "$highest"
"$tenantry" affected "$blueprint" --base "$base" --format matrix |
  tee -a "${GITHUB_OUTPUT:-/dev/null}"
keep "${PIPESTATUS[0]}"
put compared true
finish
