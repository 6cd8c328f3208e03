#!/usr/bin/env bash
# Writes the comment of a pull request, or writes over the one that is there: it is known again by its
# first line. On GitHub by `gh`, which is on every runner; on GitLab by its API.
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
  '<!-- tenantry '*' -->') ;;
  *) echo "$file does not begin with a marker" >&2; exit 1 ;;
esac

github() {
  local issues="repos/$GITHUB_REPOSITORY/issues" id
  # Sources: https://docs.github.com/en/rest/issues/comments for the calls,
  # https://cli.github.com/manual/gh_api for how they are made.
  id=$(MARKER=$marker gh api --paginate "$issues/$PULL_REQUEST/comments" \
    --jq '.[] | select(.body | startswith(env.MARKER)) | .id' | head -n 1)
  if [ -n "$id" ]; then
    gh api --method PATCH "$issues/comments/$id" --field "body=@$file" --silent
    echo "comment $id is up to date"
  else
    gh api --method POST "$issues/$PULL_REQUEST/comments" --field "body=@$file" --silent
    echo 'comment is written'
  fi
}

gitlab() {
  # Source: https://docs.gitlab.com/api/notes/#merge-requests.
  local notes="$CI_API_V4_URL/projects/$CI_PROJECT_ID/merge_requests/$CI_MERGE_REQUEST_IID/notes" id
  call() { curl --silent --show-error --fail --header "PRIVATE-TOKEN: $TENANTRY_TOKEN" "$@"; }
  id=$(call "$notes?per_page=100" |
    MARKER=$marker jq -r '[.[] | select(.body | startswith(env.MARKER)) | .id] | first // empty')
  if [ -n "$id" ]; then
    call --request PUT "$notes/$id" --data-urlencode "body@$file" > /dev/null
    echo "note $id is up to date"
  else
    call --request POST "$notes" --data-urlencode "body@$file" > /dev/null
    echo 'note is written'
  fi
}

if [ -n "${GITLAB_CI:-}" ]; then gitlab; else github; fi
