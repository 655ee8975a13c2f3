#!/usr/bin/env bash
# Start the live measured server for a person; Ctrl-C stops, combines and reports. --help says more.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib/python.sh"
exec "$VENV_PYTHON" -m afterawait serve "$@"
