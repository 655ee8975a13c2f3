#!/usr/bin/env bash
# Prove the measurement on this machine, against an oracle that shares no code with it. --help says more.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib/python.sh"
case " $* " in
*" --write "*)
    "$VENV_PYTHON" -c "import matplotlib" 2>/dev/null ||
        "$VENV_PYTHON" scripts/lib/venv.py --add requirements-bench.lock || exit
    ;;
esac
exec "$VENV_PYTHON" -m e2e.proof "$@"
