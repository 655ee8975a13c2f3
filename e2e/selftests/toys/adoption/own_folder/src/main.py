"""A site of a few pages, started in the folder that they are in."""

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles

app = FastAPI()
app.mount("/pages", StaticFiles(directory="pages"))


@app.get("/open")
def is_open() -> bool:
    return True
