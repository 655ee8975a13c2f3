"""The application."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/words")
async def words():
    return ["a", "word"]
