"""What the shop answers."""


def answer(path):
    """One of two answers."""
    if path == "/secret":
        return "no"
    return "yes"
