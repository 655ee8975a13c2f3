#!/usr/bin/env bash
# The tests that ran a line, a range, a function or a file in the last run. --help says more.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib/python.sh"
exec "$VENV_PYTHON" -m afterawait who "$@"
