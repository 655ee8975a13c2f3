"""The application."""

from fastapi import FastAPI

from prices.generated import TABLE

app = FastAPI()


@app.get("/prices")
def prices(thing: str = "pear"):
    if thing not in TABLE:
        return None
    return TABLE[thing]
