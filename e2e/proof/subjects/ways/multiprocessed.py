"""A process and a pool of multiprocessing, by the start method that it is told. Part of a measured program."""

import multiprocessing


def run(method):
    context = multiprocessing.get_context(method)
    alone = context.Process(target=in_a_process)
    alone.start()
    alone.join()
    with context.Pool(2) as pool:
        pool.map(in_a_pool, range(4))


def in_a_process():
    a = 1
    return a


def in_a_pool(number):
    a = number
    return a
