"""Work that is given to processes: of a pool, and one that is forked by hand."""

import multiprocessing


def heavy(number):
    total = 0  # ran
    for each in range(number):  # ran
        total += each  # ran
    return total  # ran


def in_a_pool(number):
    with multiprocessing.get_context("fork").Pool(1) as pool:
        answers = pool.map(heavy, [number])
        pool.close()
        pool.join()
    return answers[0]
