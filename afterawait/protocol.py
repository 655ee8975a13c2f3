"""What the processes of a run agree on: variables, file names, roles, exit codes, and how long a stop may take.

Imported in every measured process, before the application: it imports nothing.
"""

NOT_ON_WINDOWS = "Afterawait runs on Linux and macOS; on Windows use it in WSL."

# -- environment variables: settings of a run, for people

DATABASE_URL = "DATABASE_URL"
BASE_URL = "AFTERAWAIT_BASE_URL"
PORT = "AFTERAWAIT_PORT"
PG_BIN = "AFTERAWAIT_PG_BIN"

# -- environment variables that a coverage configuration may read: `core = ${AFTERAWAIT_CORE-ctrace}`

CORE = "AFTERAWAIT_CORE"
CONCURRENCY = "AFTERAWAIT_CONCURRENCY"
BRANCH = "AFTERAWAIT_BRANCH"

# -- environment variables from one process of a run to another

RUN = "AFTERAWAIT_RUN"
"""The run's folder. Where it is set, the start hook measures the process."""
ROLE = "AFTERAWAIT_ROLE"
SOURCE = "AFTERAWAIT_SOURCE"
"""The measured folders, absolute, joined as in PATH."""
KEY = "AFTERAWAIT_KEY"
"""The run's random key: a request that comes without it is credited to no test."""
APP = "AFTERAWAIT_APP"
EXPLORE = "AFTERAWAIT_EXPLORE"
DATABASES = "AFTERAWAIT_DATABASES"
"""Which databases a process may connect to, as JSON (agent/strangers/rules.py). Where it is set, no others."""
COMMAND = "AFTERAWAIT_COMMAND"
"""Set for a project's own command, and what it starts, to the run's folder, whether they are measured or not.

The agent looks for a server in each of these processes that is measured; and none of them outlives the run.
"""
FORWARD = "AFTERAWAIT_FORWARD"
"""Set where a process that serves a test is to name it in its own calls to the run's servers (ADDRESSES)."""
DROP = "AFTERAWAIT_DROP"
"""Of a server that no run starts, set by people: the folder that its processes write all they measure into."""
COLLECT = "AFTERAWAIT_COLLECT"
"""In a run against such a server: the folders that its data come to, absolute, joined as in PATH."""
LIFELINE = "AFTERAWAIT_LIFELINE"
"""The descriptor of a pipe whose other end the driver holds: its end means that the driver is gone."""

LIVE = {
    "concurrency": [f"${{{CONCURRENCY}-greenlet}}", "thread"],
    "core": f"${{{CORE}-ctrace}}",
    "parallel": True,
    "relative_files": False,
    "branch": f"${{{BRANCH}-true}}",
}
"""How coverage.py measures a live server, where its configuration is made for it."""

COVERAGE_START = "COVERAGE_PROCESS_START"
COVERAGE_CONFIG = "COVERAGE_PROCESS_CONFIG"
COVERAGE_FILE = "COVERAGE_FILE"
COVERAGE_CORE = "COVERAGE_CORE"

# -- environment variables that people may have set, and that must not change a run

COVERAGE_VARIABLES = (
    *(COVERAGE_CONFIG, COVERAGE_START, COVERAGE_FILE, "COVERAGE_RCFILE", COVERAGE_CORE),
    *("COVERAGE_FORCE_CONFIG", "COVERAGE_DEBUG", "COVERAGE_DEBUG_FILE", "COVERAGE_DEBUG_CALLS"),
    *("COVERAGE_SYSMON_LOG", "COVERAGE_SYSMON_STATS", "COVERAGE_TRACK_ARCS", "COVERAGE_AST_DUMP", "COVERAGE_TESTING"),
)
"""All that coverage.py reads: another configuration, tracer or data file than the run's."""

NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"
"""Without .pyc files each start of a process costs 2 to 3 s of CPU."""

# -- file names

STATE = ".afterawait"
"""The folder below the project's root that holds everything a run makes."""
RUNS = "runs"
"""The runs that are kept, a folder each: `<time>-<id>`, the time in UTC, so that their names sort by it."""
LATEST = "latest"
"""A link to the run that was judged last, or to the reports of runs that were combined."""
RUN_FOLDER = "run"
"""The one run of an exploration, in its own folder."""
ELSEWHERE = "elsewhere"
PLAIN = "plain"
"""What plain pytest makes, in a folder a session; gone when it ends."""
EXPLORED = "explore"
KEPT_DATABASE = "explore-db"
CACHE = "cache"
SESSIONS = "sessions"
LOCK = "lock"

MANIFEST = "run.json"
JUDGED = "judged.json"
"""Of which runs the reports here were made; a folder without it was not judged to the end."""
PROCESSES = "processes"
"""Held open, with a shared lock, by every measured process that may still write into the run's folder."""
TEMPORARY = "tmp"
"""Where tests find their `tmp_path`."""
UNSAVED = "killed.json"
RECORD = "process-{pid}-{start}.json"
"""One process after another may have a pid, by exec too; `start` is random."""
TOTAL = "total"
"""In a folder of reports: those with other coverage data, of `afterawait combine --also`."""
PREFLIGHT = "preflight.json"
"""What the checks before a run's start found: a fault or none. pytest starts nothing before it is there."""
IMPORT_LOG = "import.log"
RECORDS = "process-*.json"
WITNESS_FILE = "witness-{pid}-{number}.bin"
"""`number` counts those of one pid from 1."""
WITNESS_FILES = "witness-*.bin"
DATA_FILE = ".coverage"
DATA_FILES = ".coverage.*"
RUN_CONFIG = "coverage.toml"
"""The coverage configuration of a run whose project names none."""
REFUSED = "refused-{pid}-{number}.json"
"""A connection to a database that is not the run's, which was not made; `number` counts a process's from 1."""
REFUSALS = "refused-*.json"
CREATED = "created-files"
"""SQLite files that processes of the run brought into being, a line of JSON each."""
ADDRESSES = "addresses"
"""The ports of 127.0.0.1 that the run's servers and services listen on, a line each."""
FLUSH = "flush-{pid}-{start}"
"""A pipe that a serving process of a project's own command reads: a byte asks it to save what it has measured."""
FLUSHED = "flushed-{pid}-{start}"
"""Made by that process when it has."""
DELIVERY = "measured-{id}"
"""In a drop folder, what the processes of one start of a server measure: as in a run's folder. `id` is random."""
DELIVERIES = "measured-*"
DELIVERED = "delivery.json"
"""In a delivery: which files were measured there. It is whole once this is there."""
DROP_KEY = "key"
"""In a drop folder: the key that server and tests share, made by whoever comes first."""
DROP_SAVE = "save"
"""In a drop folder: each change of it asks the processes that serve to save, and to measure no more."""
COLLECTED = "collected"
"""In a run's folder: copies of the deliveries that came to it."""
SESSION = "session"
KEYS = "keys.json"
SERVERS = "servers"
SHARED_SERVER = "shared-server.json"
"""Where the one server is that all test processes of a run share."""
CANARY = "_afterawait_canary.py"
"""The name, in the first measured folder, under which the canary is measured. There is no such file."""

# -- roles of measured processes

SERVER = "server"
WORKER = "worker"
SUPERVISOR = "supervisor"
SETUP = "setup"
IMPORTING = "importing"
"""A process that only finds out whether the application can be imported."""
RUNNER = "runner"
XDIST_WORKER = "xdist worker"
TOP = "command"
"""A process of a project's own command that nobody says more of; one that loads the application for a server is a
SERVER, or the WORKER of one."""
CHILD = "child"
"""A process that one of the others started, and that nobody named."""

# -- exit codes

GOOD = 0
TESTS = 1
COVERAGE = 2
MEASUREMENT = 3
ENVIRONMENT = 4
INTERRUPTED = 130

STARTUP_FAILURE = 3
"""Of a server that cannot start: uvicorn's number."""
SHUTDOWN_FAILURE = 71
"""Of a server whose application failed in its shutdown: servers themselves end as if nothing had happened."""
FORCED = 70
"""Of a server that would not end in time, and saved its data: EX_SOFTWARE of sysexits.h."""

# -- how long a stop may take

GRACE = 2
"""Seconds that open requests get at a stop, where the settings do not say."""
MOST_GRACE = 600


class StopBudget:
    """Seconds that each stage of a stop may take. All follow from the grace that open requests get.

    Whoever waits for a stage waits longer than that stage itself may take:

        requests    uvicorn waits for open requests, then cancels them
        process     a server process ends by itself, lifespan included; then its watchdog saves and leaves
        workers     a supervisor waits for its workers, then kills them
        supervisor  a supervisor ends by itself; then its watchdog leaves
        server      whoever started the server waits for it, then kills it
        run         the driver, or the next run, waits for all processes of a run
    """

    SAVING = 4.0
    """What saving coverage.py's data and ending may take beyond a stage's own time."""
    SETTLING = 2.0
    """What else the application has started may take to end by itself when its servers have stopped."""
    LEAST_LIFESPAN = 1.0

    def __init__(self, grace: float) -> None:
        self.requests = grace
        self.process = grace + max(grace, self.LEAST_LIFESPAN)
        self.workers = self.process + self.SAVING
        self.supervisor = self.workers + self.SAVING
        self.server = self.supervisor + self.SAVING
        self.run = self.server + 2 * self.SAVING
