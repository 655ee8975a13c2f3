#!/usr/bin/env bash
# What measuring costs: bare, the witness, coverage.py's lanes and SlipCover in one run. --help says more.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib/python.sh"
case " $* " in *" --help "* | *" -h "*) ;; *)
    "$VENV_PYTHON" -c "import slipcover" 2>/dev/null ||
        "$VENV_PYTHON" scripts/lib/venv.py --add requirements-bench.lock || exit
    ;;
esac
exec "$VENV_PYTHON" -m e2e.bench "$@"
