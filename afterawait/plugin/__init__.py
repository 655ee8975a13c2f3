"""The pytest plugin: options, fixtures, the life of a session. Test process, and each pytest-xdist worker.

entry          the entry point: brings hooks in
hooks          what pytest loads everywhere: options, and the gate that opens the rest in a project of ours
fixtures       http, base_url, server, start_server, ...
lifecycle      a session against live servers, whoever started it
driven         the one that `afterawait run` drives and measures
plain          the one of plain pytest, an IDE or a debugger: nothing is measured
interruption   requests to end, and the driver's lifeline
selection      shards, and why a run is partial
others_server  a server of somebody else's
served_database  the database of the session's server, reset for tests
crash_monitor  the servers while tests run
header         what the terminal says of a session
test_id        which test sends a request
"""
