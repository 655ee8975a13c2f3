"""Runs the program whose claims are checked, as a server's process would. Measured process."""

import subject.main

from afterawait.agent import startup

startup.note(served=True)
