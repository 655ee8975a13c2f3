"""The command lines of proof and benchmark: a wrong one is a fault of the environment (4). A process of their own."""

from __future__ import annotations

import argparse
from typing import NoReturn, override

from afterawait.faults import Status


class Parser(argparse.ArgumentParser):
    """argparse's parser with this project's exit status."""

    @override
    def error(self, message: str) -> NoReturn:
        self.exit(Status.ENVIRONMENT, f"environment (4): {message}.\n    See {self.prog} --help.\n")
