#!/usr/bin/env bash
# Rehearse on one machine what CI does on several: the run split over processes and over machines in different
# folders, combined here, must give the same coverage of the application as the plain run, arc for arc.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/python.sh"

away=$(mktemp -d)
trap 'rm -rf "$away"' EXIT
arcs() { "$VENV_PYTHON" scripts/lib/arcs.py .coverage > "$away/$1.arcs"; }
same() {
    cmp "$away/plain.arcs" "$away/$1.arcs"
    echo "rehearse: $1 = plain, arc for arc ($(wc -l < "$away/plain.arcs") arcs)"
}

scripts/e2e.sh -n 0 -q
arcs plain

scripts/e2e.sh -n 0 --workers 2 -q
arcs workers
same workers

scripts/e2e.sh
arcs xdist
same xdist

# Somebody else's server, which then holds the data of an earlier run.
scripts/serve.sh > "$away/serve.log" 2>&1 &
server=$!
trap 'kill -INT $server 2>/dev/null || true; wait; rm -rf "$away"' EXIT
for _ in $(seq 300); do
    url=$(sed -n 's/^serving *\(http[^ ]*\).*/\1/p' "$away/serve.log")
    [ -n "$url" ] && break
    sleep 0.1
done
AFTERAWAIT_BASE_URL=$url scripts/e2e.sh -q
AFTERAWAIT_BASE_URL=$url scripts/e2e.sh -q
kill -INT "$server"
wait "$server"

for shard in 1 2; do
    checkout="$away/machine $shard/checkout"
    mkdir -p "$checkout"
    git ls-files -z | xargs -0 cp --parents --target-directory="$checkout"
    ln -s "$PWD/.venv" "$checkout/.venv"
    env -u PYTHONPATH "$checkout/scripts/e2e.sh" --shard "$shard/2"
    mkdir -p "$away/artifacts"
    mv "$checkout/.afterawait/runs" "$away/artifacts/shard-$shard"
    rm -rf "$checkout"
done
scripts/combine.sh "$away/artifacts"
arcs shards
same shards
