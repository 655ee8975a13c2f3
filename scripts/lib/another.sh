#!/usr/bin/env bash
# Run on another Python than .venv's what depends on it, and the end-to-end tests, in an environment of their own:
#   scripts/lib/another.sh oldest | newest [--full | --within SECONDS]    of those supported that are found here
# With --full all selftests, in their long forms too. Nothing is done where .venv has that Python, or where fewer
# seconds are left than it may take.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/python.sh"
TAKES=180 # seconds
choose='
import sys
from e2e.proof.lost.pythons import interpreters

found = {minor: path for minor, path in interpreters().items() if (3, 12) <= minor <= (3, 15)}
minor = (min if sys.argv[1] == "oldest" else max)(found)
print("" if minor == sys.version_info[:2] else found[minor])
'
python=$("$VENV_PYTHON" -c "$choose" "$1")
if [ -z "$python" ]; then
    echo "another: .venv has the $1 Python that is found here"
    exit
fi
if [ "${2:-}" = --within ] && [ "$3" -lt "$TAKES" ]; then
    echo "another: left out on the $1 Python, $python: $3 s are left, and it may take $TAKES"
    exit
fi
chosen=(-m "not full")
for each in agent annotations branches_by_monitoring canary proof_claims verdict witness_files witness_processes; do
    chosen+=("e2e/selftests/test_$each.py")
done
if [ "${2:-}" = --full ]; then chosen=(e2e/selftests); fi

place=.afterawait/another
uv() { env -u PYTHONPATH -u VIRTUAL_ENV -u PYTHONDONTWRITEBYTECODE .venv/bin/uv "$@"; }
uv venv --quiet --clear --python "$python" "$place"
uv pip install --quiet --compile-bytecode --python "$place/bin/python" --require-hashes --only-binary :all: \
    -r requirements.lock
uv pip install --quiet --python "$place/bin/python" --no-deps --no-build-isolation --editable .
"$place/bin/python" --version
"$place/bin/python" -m pytest -p no:afterawait -n 3 -o tmp_path_retention_policy=failed "${chosen[@]}"
exec "$place/bin/python" -m afterawait run
