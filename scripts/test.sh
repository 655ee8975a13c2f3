#!/usr/bin/env bash
# Every test of the project: the selftests of the tool and the scripts, then the end-to-end run.
# With --full the selftests' long forms as well; a shorter test of each runs anyway.
# With --selftests only the selftests; further arguments are pytest's, for them.
# With --lowest those that are marked so, with the oldest packages that pyproject.toml allows.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/lib/python.sh"
case " $* " in *" --help "* | *" -h "*) usage "[--full] [--selftests | --lowest] [options of pytest for the selftests]" ;; esac
chosen=(-m "not full") only=
if [ "${1:-}" = --full ]; then shift; chosen=(); fi
if [ "${1:-}" = --lowest ]; then shift; exec scripts/lib/lowest.sh "$@"; fi
if [ "${1:-}" = --selftests ]; then only=1; shift; fi
# Their folders lie outside this checkout: pytest takes the settings of the nearest parent that has any.
# Three test processes for two cores: each waits for what it has started much of its time.
"$VENV_PYTHON" -m pytest e2e/selftests -p no:afterawait -n 3 -o tmp_path_retention_policy=failed \
    ${chosen[@]+"${chosen[@]}"} "$@"
[ -n "$only" ] || exec scripts/e2e.sh
