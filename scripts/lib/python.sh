# Sourced by the scripts: enters the project's root, finds a Python 3.12+ and makes .venv ready. Sets VENV_PYTHON.
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 4
# Measuring is for the processes that a run starts, never for the tools themselves.
unset COVERAGE_PROCESS_START COVERAGE_PROCESS_CONFIG AFTERAWAIT_RUN
export PYTHONPATH="$PWD${PYTHONPATH:+:$PYTHONPATH}"

runs() { # whether $1 really is a Python that will do: shims can lie
    command -v "$1" >/dev/null 2>&1 && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 12))' >/dev/null 2>&1
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        runs "$PYTHON" && echo "$PYTHON" && return
        echo "environment (4): PYTHON=$PYTHON is no Python 3.12 or newer that runs here." >&2
        echo "    Set it to one, or unset it." >&2
        return 1
    fi
    for candidate in .venv/bin/python python3.14 python3.13 python3.12 python3.15 python3 \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.{14,13,12,15}*/bin/python "$(uv python find '>=3.12' 2>/dev/null)"; do
        runs "$candidate" && echo "$candidate" && return
    done
    echo "environment (4): no Python 3.12 or newer was found on PATH, with pyenv or with uv." >&2
    echo "    Install one, or set PYTHON to its path. Older ones cannot measure exactly: docs/mechanism.md." >&2
    return 1
}

usage() { # the opening comment of the script that sourced this
    echo "usage: scripts/$(basename "$0") $1"
    sed -n '2,/^[^#]/s/^# //p' "scripts/$(basename "$0")"
    exit 0
}

python=$(find_python) || exit 4
"$python" scripts/lib/venv.py || exit
VENV_PYTHON=.venv/bin/python
