#!/usr/bin/env bash
# Every test of the project: the selftests of harness, agent and scripts, then the end-to-end run.
# With --selftests only the former; further arguments are pytest's, for the selftests.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/lib/python.sh"
case " $* " in *" --help "* | *" -h "*) usage "[--selftests] [options of pytest for the selftests]" ;; esac
only=
if [ "${1:-}" = --selftests ]; then only=1; shift; fi
mkdir -p .afterawait
"$VENV_PYTHON" -m pytest e2e/selftests -n 2 --basetemp=.afterawait/tmp "$@"
[ -n "$only" ] || exec scripts/e2e.sh
