#!/usr/bin/env bash
# Adopt projects of many kinds by `afterawait init` and `afterawait run` alone, in an environment with the built wheel:
# prints for each the seconds, the edits by hand and the sentences on the way. They are in
# e2e/selftests/toys/adoption; arguments are names of some. Status 1 where one does not end in a judged report.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/lib/python.sh"
case " $* " in *" --help "* | *" -h "*) usage "[TOY...]" ;; esac
exec "$VENV_PYTHON" -m e2e.selftests.adoption "$@"
