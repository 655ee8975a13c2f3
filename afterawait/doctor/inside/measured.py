"""The canary's measured part: lines that run, whatever the settings are. Runs in the project's own Python.

Not under this file's name, but under that of a file that does not exist in the project's measured folder: coverage.py
measures it as it measures the project.
"""


async def asks(query):
    row = await query()
    answer = "after the await"
    return answer, row


def works_in_a_thread(done):
    line = "beside the event loop"
    done.append(line)


async def is_refused(answer):
    try:
        await answer
    except ValueError:
        return "refused"


async def goes_on(answer):
    said = await is_refused(answer)
    after = said + ", and went on"
    return after + "."


def looked_up(number):
    if number < 0:
        raise ValueError
    return True


def takes_a_branch(kind, number):
    if kind == "a":  # noqa: SIM102  # a branch of its own
        if looked_up(number):
            number += 1
    return number


def switches_greenlets(greenlet, found):
    def producer():
        for number in range(3):
            consumer.switch(number)
        consumer.switch(None)

    def consume(number):
        while number is not None:
            found.append(number)
            number = made.switch()
        return found

    made = greenlet(producer)
    consumer = greenlet(consume)
    made.switch()
    return found
