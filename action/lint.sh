#!/usr/bin/env bash
# Runs policylint and passes on its report and exit code. Findings don't fail it: the report is uploaded first.
set -euo pipefail

# Isolated (-I): the workspace holds what is under review, and none of it may come onto Python's path.
policylint=("$RUNNER_TEMP/policylint/bin/python" -I -m policylint)
mapfile -t paths < <(grep -v '^[[:space:]]*$' <<< "$POLICYLINT_PATH" || true)
mapfile -t arguments < <(grep -v '^[[:space:]]*$' <<< "$POLICYLINT_ARGUMENTS" || true)

# The files of the base, without hooks or a checkout. Where there is no pull request, there is no base.
if [ "${POLICYLINT_SETTINGS_FROM:-head}" = base ] && [ -n "${POLICYLINT_BASE:-}" ]; then
  base="$RUNNER_TEMP/policylint-base"
  git=(git -c core.hooksPath=/dev/null -c core.fsmonitor= -c protocol.ext.allow=never)
  "${git[@]}" cat-file -e "$POLICYLINT_BASE^{commit}" 2> /dev/null \
    || "${git[@]}" fetch --quiet --no-tags --depth=1 origin "$POLICYLINT_BASE" \
    || { echo "policylint: the base $POLICYLINT_BASE is not here. Give actions/checkout fetch-depth: 0." >&2; exit 2; }
  rm -rf "$base"
  mkdir "$base"
  "${git[@]}" archive --format=tar "$POLICYLINT_BASE" | tar -x -C "$base"
  arguments=(--settings-from "$base" "${arguments[@]}")
elif [ "${POLICYLINT_SETTINGS_FROM:-head}" != base ] && [ "${POLICYLINT_SETTINGS_FROM:-head}" != head ]; then
  echo "policylint: settings-from is head or base, not '$POLICYLINT_SETTINGS_FROM'." >&2
  exit 2
fi

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
