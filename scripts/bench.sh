#!/usr/bin/env bash
# What measuring costs: the server, the suite, and how it grows; beside coverage.py and SlipCover. --help says more.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib/python.sh"
case " $* " in *" --help "* | *" -h "*) ;; *)
    "$VENV_PYTHON" -c "import slipcover" 2>/dev/null ||
        "$VENV_PYTHON" scripts/lib/venv.py --add requirements-bench.lock || exit
    ;;
esac
exec "$VENV_PYTHON" -m e2e.bench "$@"
