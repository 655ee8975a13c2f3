#!/usr/bin/env bash
# Rehearse on one machine what CI does on several: the run split over processes and over machines in different
# folders, combined here, must give the same coverage of the application as an undivided run, arc for arc.
# Without --full that run is the one that scripts/e2e.sh has just left, with two test processes; one shard's server has
# two worker processes. With --full each way to divide a run is a whole run, compared with one that is not divided.
set -eu
. "$(dirname "${BASH_SOURCE[0]}")/python.sh"
full=
if [ "${1:-}" = --full ]; then full=1; fi

away=$(mktemp -d)
trap 'rm -rf "$away"' EXIT
arcs() { "$VENV_PYTHON" scripts/lib/arcs.py .coverage > "$away/$1.arcs"; }
same() {
    cmp "$away/whole.arcs" "$away/$1.arcs"
    echo "rehearse: $1 = whole, arc for arc ($(wc -l < "$away/whole.arcs") arcs)"
}

several=(e2e/tests/test_tags.py e2e/tests/test_profiles.py e2e/tests/test_article_lists.py e2e/tests/test_comments.py)
if [ -n "$full" ]; then
    several=()

    scripts/e2e.sh -n 0 -q
    arcs whole

    scripts/e2e.sh -n 0 --workers 2 -q
    arcs workers
    same workers

    scripts/e2e.sh
    arcs xdist
    same xdist
elif [ -f .coverage ]; then
    arcs whole
else
    scripts/e2e.sh
    arcs whole
fi

# Somebody else's server, which then holds the data of an earlier run.
scripts/serve.sh > "$away/serve.log" 2>&1 &
server=$!
trap 'kill -INT $server 2>/dev/null || true; wait; rm -rf "$away"' EXIT
for _ in $(seq 300); do
    url=$(sed -n 's/^serving *\(http[^ ]*\).*/\1/p' "$away/serve.log")
    [ -n "$url" ] && break
    sleep 0.1
done
AFTERAWAIT_BASE_URL=$url scripts/e2e.sh -q ${several[@]+"${several[@]}"}
AFTERAWAIT_BASE_URL=$url scripts/e2e.sh -q ${several[@]+"${several[@]}"}
kill -INT "$server"
wait "$server"

for shard in 1 2; do
    divided=()
    if [ "$shard" = 2 ] && [ -z "$full" ]; then divided=(--workers 2 -n 0); fi
    checkout="$away/machine $shard/checkout"
    mkdir -p "$checkout"
    git ls-files -z | xargs -0 cp --parents --target-directory="$checkout"
    ln -s "$PWD/.venv" "$checkout/.venv"
    env -u PYTHONPATH "$checkout/scripts/e2e.sh" --shard "$shard/2" ${divided[@]+"${divided[@]}"}
    mkdir -p "$away/artifacts"
    mv "$checkout/.afterawait/runs" "$away/artifacts/shard-$shard"
    rm -rf "$checkout"
done
scripts/combine.sh "$away/artifacts"
arcs shards
same shards
