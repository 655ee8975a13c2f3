"""The application."""

from fastapi import FastAPI

from inventory import shelves

app = FastAPI()
app.include_router(shelves.router)


@app.get("/health")
async def health():
    return {"status": "ok"}
