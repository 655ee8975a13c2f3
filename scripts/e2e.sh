#!/usr/bin/env bash
# Run the end-to-end tests against a live, measured server; combine, report, gate. --help says more.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib/python.sh"
exec "$VENV_PYTHON" -m afterawait run "$@"
