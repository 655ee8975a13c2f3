"""What things cost."""


def of(what):
    return len(what)
