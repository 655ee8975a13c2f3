"""Ended by os._exit(), as servers end their workers. Part of a measured program."""

import os
import threading


def run(where):
    work()
    if where == "thread":
        threading.Thread(target=os._exit, args=(0,)).start() or threading.Event().wait(30)
    os._exit(0)


def work():
    a = 1
    return a
