"""The witness: which lines ran, for which test, recorded beside coverage.py and independently of it.

Runs inside every measured process: a `sys.monitoring` tool (PEP 669) whose LINE events store one byte each into a
memory-mapped file. The file is current at any moment and survives kill -9, since its pages belong to the kernel.

    format        the file's format; what writes and what reads share
    writer        the file being written: segments, records appended to them
    sources       which code is measured: by co_filename, as coverage.py decides
    files         what is known of each measured file
    attribution   who is credited: a test, a session, start-up; a ContextVar carries it along
    monitor       the sys.monitoring tool itself, and the process's one witness
    tool          which of the tools it is
    headroom      frames for its callback, beyond the application's own recursion limit
    finalisers    garbage collections, whose finalisers no recorder may see
    baggage       the test's id in a request's `baggage` header
    session_name  the name of the current session, which a person may change while the server runs
"""
