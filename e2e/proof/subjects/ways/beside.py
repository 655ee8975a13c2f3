"""Work of a test in an empty context and in a raw thread. Part of a measured program."""

import contextvars
import threading

import turns


def run():
    turns.take(turns.begin("one"), "one", work)


def work():
    contextvars.Context().run(in_an_empty_context)
    thread = threading.Thread(target=in_a_thread)
    thread.start()
    thread.join()


def in_an_empty_context():
    return 1


def in_a_thread():
    return 2
