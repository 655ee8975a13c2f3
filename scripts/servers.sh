#!/usr/bin/env bash
# Servers' commands, each ended in several ways, held against an oracle of its own. --help says more.
set -u
. "$(dirname "${BASH_SOURCE[0]}")/lib/python.sh"
case " $* " in *" --help "* | *" -h "*) ;; *)
    "$VENV_PYTHON" -c "import arq, celery, fakeredis, granian, gunicorn, honcho, hypercorn, taskiq, uvicorn_worker, zmq" 2>/dev/null ||
        "$VENV_PYTHON" scripts/lib/venv.py --add requirements-servers.lock || exit
    ;;
esac
exec "$VENV_PYTHON" -m e2e.proof.servers "$@"
