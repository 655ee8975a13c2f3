#!/usr/bin/env bash
# Format, lint, types, and what may import what. With --fix, fix what can be fixed.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/lib/python.sh"
case " $* " in *" --help "* | *" -h "*) usage "[--fix]" ;; esac
fix=(--check) lint=()
if [ "${1:-}" = --fix ]; then fix=() lint=(--fix); fi
"$VENV_PYTHON" -m ruff format ${fix[@]+"${fix[@]}"} .
"$VENV_PYTHON" -m ruff check ${lint[@]+"${lint[@]}"} .
"$VENV_PYTHON" -m mypy
.venv/bin/lint-imports --cache-dir .afterawait/cache/import-linter
