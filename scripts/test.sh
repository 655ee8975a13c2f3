#!/usr/bin/env bash
# Every test of the project: the selftests of the tool and the scripts, then the end-to-end run.
# With --selftests only the former; further arguments are pytest's, for the selftests.
# With --lowest those that are marked so, with the oldest packages that pyproject.toml allows.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/lib/python.sh"
case " $* " in *" --help "* | *" -h "*) usage "[--selftests | --lowest] [options of pytest for the selftests]" ;; esac
only=
if [ "${1:-}" = --lowest ]; then shift; exec scripts/lib/lowest.sh "$@"; fi
if [ "${1:-}" = --selftests ]; then only=1; shift; fi
# Their folders lie outside this checkout: pytest takes the settings of the nearest parent that has any.
"$VENV_PYTHON" -m pytest e2e/selftests -p no:afterawait -n 2 -o tmp_path_retention_policy=failed "$@"
[ -n "$only" ] || exec scripts/e2e.sh
