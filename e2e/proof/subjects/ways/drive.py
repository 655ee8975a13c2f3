"""Runs a program that does something to its process, as a server's process would. Measured process."""

import sys

import subject.main

if __name__ == "__main__":
    if "afterawait.agent.startup" in sys.modules:
        sys.modules["afterawait.agent.startup"].note(served=True)
    subject.main.run(*sys.argv[1:])
