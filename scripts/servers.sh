#!/usr/bin/env bash
# Servers' commands, each ended in several ways, against an oracle that shares no code with the measurement. --help says more.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib/python.sh"
case " $* " in *" --help "* | *" -h "*) ;; *)
    "$VENV_PYTHON" -c "import granian, gunicorn, honcho, hypercorn, uvicorn_worker" 2>/dev/null ||
        "$VENV_PYTHON" scripts/lib/venv.py --add requirements-servers.lock || exit
    ;;
esac
exec "$VENV_PYTHON" -m e2e.proof.servers "$@"
