#!/usr/bin/env bash
# Runs policylint and passes on its report and exit code. Never fails itself: the report is uploaded first.
set -euo pipefail

# Isolated (-I): the workspace holds what is under review, and none of it may come onto Python's path.
policylint=("$RUNNER_TEMP/policylint/bin/python" -I -m policylint)
mapfile -t paths < <(grep -v '^[[:space:]]*$' <<< "$POLICYLINT_PATH" || true)
mapfile -t arguments < <(grep -v '^[[:space:]]*$' <<< "$POLICYLINT_ARGUMENTS" || true)

run() {
  local code=0
  "${policylint[@]}" check "${arguments[@]}" --fail-on "$POLICYLINT_FAIL_ON" "$@" -- "${paths[@]}" || code=$?
  echo "exit-code=$code" >> "$GITHUB_OUTPUT"
}

if [ "$POLICYLINT_FORMAT" = github ]; then
  run --format github # annotations are what is printed
else
  report="$RUNNER_TEMP/policylint-report.$POLICYLINT_FORMAT"
  rm -f "$report"
  run --format "$POLICYLINT_FORMAT" --output "$report"
  if [ -f "$report" ]; then
    echo "report=$report" >> "$GITHUB_OUTPUT"
  fi
fi
