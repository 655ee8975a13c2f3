"""Ends this process with whoever started it. Measured process."""

import os
import signal
import sys
import threading


def end_with_whoever_started_this():
    sys.stdin.read()
    os.kill(os.getpid(), signal.SIGTERM)


threading.Thread(target=end_with_whoever_started_this, daemon=True).start()
