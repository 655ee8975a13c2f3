#!/usr/bin/env bash
# Install what the tests of the live page need: Playwright into .venv, Debian's chromium where there is none.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/python.sh"
"$VENV_PYTHON" -c "import playwright" 2>/dev/null || "$VENV_PYTHON" scripts/lib/venv.py --add requirements-browser.lock
install() { DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; }
command -v chromium >/dev/null 2>&1 || install || { apt-get update -qq && install; }
