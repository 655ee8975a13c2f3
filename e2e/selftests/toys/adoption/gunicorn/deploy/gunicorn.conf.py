"""The server of the depots."""

import os


def post_fork(server, worker):
    os.environ["DEPOT"] = "north"
