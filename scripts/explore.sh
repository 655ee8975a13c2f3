#!/usr/bin/env bash
# Explore a live server by hand, and watch its lines light up on a page beside it. --help says more.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib/python.sh"
exec "$VENV_PYTHON" -m afterawait explore "$@"
