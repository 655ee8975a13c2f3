#!/usr/bin/env bash
# Build the sdist, the wheel from it, and check both as an index would. Leaves them in dist/, alone.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/lib/python.sh"
case " $* " in *" --help "* | *" -h "*) usage "" ;; esac
"$VENV_PYTHON" -c "import build, check_wheel_contents, twine" 2>/dev/null ||
    "$VENV_PYTHON" scripts/lib/venv.py --add requirements-package.lock
rm -rf dist
"$VENV_PYTHON" -m build --no-isolation --outdir dist
"$VENV_PYTHON" -m twine check --strict dist/*
"$VENV_PYTHON" -m check_wheel_contents dist/*.whl
