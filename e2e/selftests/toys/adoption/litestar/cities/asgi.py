"""Asgi."""

from litestar import Litestar, get


@get("/cities")
async def cities(first: str = "A") -> list[str]:
    return [first]


@get("/cities/{name:str}", sync_to_thread=True)
def city(name: str) -> str:
    return name


def create_app() -> Litestar:
    return Litestar([cities, city])
