#!/usr/bin/env bash
# Judge, combine, report and gate what runs left in DIR...: the last job of a sharded CI. --help says more.
set -u
given=()
for each in "$@"; do
    case $each in -* | /*) given+=("$each") ;; *) given+=("$PWD/$each") ;; esac
done
. "$(dirname "${BASH_SOURCE[0]}")/lib/python.sh"
exec "$VENV_PYTHON" -m afterawait combine ${given[@]+"${given[@]}"}
