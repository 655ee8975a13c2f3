#!/usr/bin/env bash
# Run the selftests that are marked `lowest` with the oldest packages that pyproject.toml allows, on the oldest Python,
# in an environment of their own. Arguments are pytest's.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/python.sh"
uv() { .venv/bin/uv "$@"; }
oldest=
for candidate in python3.12 "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.12*/bin/python "$(uv python find 3.12 2>/dev/null)"; do
    if runs "$candidate" && "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] > (3, 12))'; then
        oldest=$candidate
        break
    fi
done
if [ -z "$oldest" ]; then
    echo "environment (4): no Python 3.12 was found on PATH, with pyenv or with uv." >&2
    echo "    The oldest packages are for that one: install it." >&2
    exit 4
fi
lowest=.afterawait/lowest/bin/python
uv venv --quiet --clear --python "$oldest" .afterawait/lowest
uv pip install --quiet --compile-bytecode --python "$lowest" --resolution lowest-direct \
    --group lowest --editable '.[postgres,explore,xdist]'
uv pip list --python "$lowest" 2>/dev/null
grep -l 'pytest\.mark\.lowest' e2e/selftests/test_*.py | xargs "$lowest" -m pytest \
    -c scripts/lib/lowest.ini --rootdir=. --basetemp=.afterawait/tmp-lowest -n 2 "$@"
