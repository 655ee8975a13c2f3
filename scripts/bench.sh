#!/usr/bin/env bash
# What measuring costs the server: bare, the witness, coverage.py's lanes and SlipCover in one run. --help says more.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib/python.sh"
exec "$VENV_PYTHON" -m e2e.bench "$@"
