"""When the tests are over, one worker process ends, and the next one that is put in its place imports for ever."""

import os
import pathlib
import signal
import time

import pytest


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session):
    result = yield
    if "WORKER" in os.environ:
        server = session.config.pluginmanager.get_plugin("afterawait-session").server()
        pathlib.Path("slow").touch()
        worker = min(server.worker_pids())
        os.kill(worker, signal.SIGTERM)
        deadline = time.monotonic() + 20
        while not pathlib.Path("importing").exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
    return result
