"""Forks, from where and with which end it is told. Part of a measured program."""

import os
import sys
import threading


def run(where, end):
    if where == "thread":
        thread = threading.Thread(target=fork, args=(end,))
        thread.start()
        thread.join()
    else:
        fork(end)
    if os.getpid() == parent:
        afterwards()


parent = os.getpid()


def fork(end):
    pid = os.fork()
    if pid == 0:
        child()
        if end == "_exit":
            os._exit(0)
        if end == "exit":
            sys.exit(0)
        return
    os.waitpid(pid, 0)


def child():
    a = 1
    return a


def afterwards():
    a = 2
    return a
