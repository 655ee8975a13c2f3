"""What the processes run that the service starts: each way a function of its own."""

import os
import sys
import threading


def by_fork():
    return 1


def by_fork_in_a_thread():
    return 2


def by_exec():
    return 3


def by_subprocess():
    return 4


def by_subprocess_with_an_environment():
    return 5


def in_a_process(method):
    return {"fork": by_start_of_fork, "forkserver": by_start_of_forkserver, "spawn": by_start_of_spawn}[method]()


def by_start_of_fork():
    return 6


def by_start_of_forkserver():
    return 7


def by_start_of_spawn():
    return 8


def in_a_pool(number):
    return number


def in_a_sub_interpreter():
    return 9


def fork(call, leave=os._exit):
    pid = os.fork()
    if pid == 0:
        call()
        leave(0)
        return
    os.waitpid(pid, 0)


def becomes():
    os.execv(sys.executable, [sys.executable, "-c", "from starter import children; children.by_exec()"])  # noqa: S606  # it is what is tried


def fork_in_a_thread():
    # It is all of its child, which ends where the thread returns.
    thread = threading.Thread(target=fork, args=(by_fork_in_a_thread, int))
    thread.start()
    thread.join()


def sub_interpret():
    program = "from starter import children; children.in_a_sub_interpreter()"
    if sys.version_info >= (3, 14):
        from concurrent import interpreters

        interpreter = interpreters.create()
        interpreter.exec(program)
        interpreter.close()
    elif sys.version_info >= (3, 13):
        import _interpreters

        number = _interpreters.create("legacy")
        _interpreters.run_string(number, program)
        _interpreters.destroy(number)
    else:
        import _xxsubinterpreters

        number = _xxsubinterpreters.create(isolated=False)
        _xxsubinterpreters.run_string(number, program)
        _xxsubinterpreters.destroy(number)
