"""Stock."""


def stock():
    return {"pears": 3}
