"""Runs code in a sub-interpreter. Part of a measured program."""

import sys


def run():
    beside = "import subject.main; subject.main.inside()"
    if sys.version_info >= (3, 14):
        from concurrent import interpreters

        interpreter = interpreters.create()
        interpreter.exec(beside)
        interpreter.close()
    elif sys.version_info >= (3, 13):
        import _interpreters

        number = _interpreters.create("legacy")
        failed = _interpreters.run_string(number, beside)
        assert failed is None, failed
        _interpreters.destroy(number)
    else:
        import _xxsubinterpreters

        number = _xxsubinterpreters.create(isolated=False)
        _xxsubinterpreters.run_string(number, beside)
        _xxsubinterpreters.destroy(number)
    outside()


def inside():
    a = 1
    return a


def outside():
    a = 2
    return a
