#!/usr/bin/env bash
# Installs policylint into an environment of its own, so that nothing of the workflow's Python is touched.
set -euo pipefail

environment="$RUNNER_TEMP/policylint"
python -m venv "$environment"
if [ -n "${POLICYLINT_VERSION:-}" ]; then
  wanted="policylint==$POLICYLINT_VERSION"
else
  wanted="$GITHUB_ACTION_PATH"
fi
"$environment/bin/python" -m pip install --quiet --disable-pip-version-check "$wanted"
"$environment/bin/policylint" --version
