#!/usr/bin/env bash
# Every test of the project: the selftests of harness, agent and scripts, then the end-to-end run.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/lib/python.sh"
"$VENV_PYTHON" -m pytest e2e/selftests "$@"
exec scripts/e2e.sh
