#!/usr/bin/env bash
# Writes the comment of a pull request, or writes over the one that is there: it is known again by its
# first line and by who wrote it, so nobody else's words are written over and nobody else can have
# theirs taken for it. Needs curl and jq.
#
#   comment.sh FILE
#
#   GitHub: GH_TOKEN, GITHUB_REPOSITORY and PULL_REQUEST, the number of the pull request
#   GitLab: TENANTRY_TOKEN, a token that may write notes; a job's own token may not
#   (https://docs.gitlab.com/ci/jobs/ci_job_token/)
set -euo pipefail

file=$1
marker=$(head -n 1 "$file")
case $marker in
  '<!-- tenantry'*' -->') ;;
  *) echo "$file does not begin with a marker" >&2; exit 1 ;;
esac

# One call with a token in a header; neither the token nor the text is an argument of a program.
call() {
  curl --silent --show-error --fail --header "Content-Type: application/json" \
    --header @<(printf '%s\n' "$header") "$@"
}
body() { jq --raw-input --slurp '{ body: . }' < "$file"; }

# The oldest of the comments that begin with the marker and that we wrote, if there is one. A page is
# read only where the one before is full.
mine() {
  local url=$1 filter=$2 who=$3 page=1 comments id
  while :; do
    comments=$(call "$url?per_page=100&page=$page") || return
    id=$(jq --raw-output --arg marker "$marker" --arg who "$who" \
      "[.[] | select((.body // \"\") | split(\"\\n\")[0] | rtrimstr(\"\\r\") == \$marker) |
        select($filter == \$who) | .id] | first // empty" <<< "$comments") || return
    if [ -n "$id" ]; then echo "$id"; return; fi
    [ "$(jq length <<< "$comments")" = 100 ] || return 0
    page=$((page + 1))
  done
}

github() {
  local api=${GITHUB_API_URL:-https://api.github.com} issues who id
  local graphql=${GITHUB_GRAPHQL_URL:-$api/graphql}
  header="Authorization: Bearer $GH_TOKEN"
  issues=$api/repos/$GITHUB_REPOSITORY/issues
  # A job's token may not ask `/user`, but may ask who it is:
  # https://docs.github.com/en/graphql/reference/queries#viewer. Source of the other calls:
  # https://docs.github.com/en/rest/issues/comments.
  who=$(call --data '{ "query": "query { viewer { login } }" }' "$graphql" |
    jq --raw-output '.data.viewer.login // empty')
  [ -n "$who" ] || { echo 'GitHub does not say whose token this is' >&2; exit 1; }
  id=$(mine "$issues/$PULL_REQUEST/comments" .user.login "$who")
  if [ -n "$id" ]; then
    body | call --request PATCH --data @- "$issues/comments/$id" > /dev/null
    echo "comment $id is up to date"
  else
    body | call --request POST --data @- "$issues/$PULL_REQUEST/comments" > /dev/null
    echo 'comment is written'
  fi
}

gitlab() {
  # Sources: https://docs.gitlab.com/api/notes/#merge-requests,
  # https://docs.gitlab.com/api/users/#retrieve-the-current-user.
  local notes="$CI_API_V4_URL/projects/$CI_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID/notes" who id
  header="PRIVATE-TOKEN: $TENANTRY_TOKEN"
  who=$(call "$CI_API_V4_URL/user" | jq --raw-output '.id // empty')
  [ -n "$who" ] || { echo 'GitLab does not say whose token this is' >&2; exit 1; }
  id=$(mine "$notes" '(.author.id | tostring)' "$who")
  if [ -n "$id" ]; then
    body | call --request PUT --data @- "$notes/$id" > /dev/null
    echo "note $id is up to date"
  else
    body | call --request POST --data @- "$notes" > /dev/null
    echo 'note is written'
  fi
}

if [ -n "${GITLAB_CI:-}" ]; then gitlab; else github; fi
