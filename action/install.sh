#!/usr/bin/env bash
# Installs policylint into an environment of its own, so that nothing of the workflow's Python is touched.
#
# The workspace holds what is under review, and Python runs modules that lie in the folder where it starts: a `venv.py`
# or a `pip.py` there would run with the job's permissions. So nothing starts in the workspace, and Python is isolated
# (-I), which keeps that folder, PYTHONPATH and the user's packages off its path.
set -euo pipefail

cd "$RUNNER_TEMP"
environment="$RUNNER_TEMP/policylint"
python -I -m venv "$environment"
if [ -n "${POLICYLINT_VERSION:-}" ]; then
  wanted="policylint==$POLICYLINT_VERSION"
else
  wanted="$GITHUB_ACTION_PATH"
fi
"$environment/bin/python" -I -m pip install --quiet --disable-pip-version-check "$wanted"
"$environment/bin/python" -I -m policylint --version
