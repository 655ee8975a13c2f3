#!/usr/bin/env bash
# Judge, combine, report and gate what runs left in DIR...: the last job of a sharded CI. --help says more.
set -u
here=$PWD
. "$(dirname "${BASH_SOURCE[0]}")/lib/python.sh"
exec "$VENV_PYTHON" -m afterawait.cli.combine --from "$here" "$@"
