#!/usr/bin/env bash
# Prove the measurement on this machine, against an oracle that shares no code with it. --help says more.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib/python.sh"
exec "$VENV_PYTHON" -m e2e.proof "$@"
