"""Two greenlets that take turns."""

from greenlet import greenlet


def taken(found):
    def producer():
        for number in range(3):  # ran
            consumer.switch(number)  # ran
        consumer.switch(None)  # ran

    def consume(number):
        while number is not None:  # ran
            found.append(number)  # ran
            number = made.switch()  # ran
        return found  # ran

    made = greenlet(producer)
    consumer = greenlet(consume)
    made.switch()  # ran
    return found  # ran
