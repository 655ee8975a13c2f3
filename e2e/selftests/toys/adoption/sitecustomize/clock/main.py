"""The application."""

import sys

from fastapi import FastAPI

app = FastAPI()


@app.get("/patched")
def patched():
    return sys.clock_patched
