"""The application."""

from fastapi import FastAPI

from vault.config import MOST, settings

app = FastAPI()


@app.get("/limits")
def limits():
    return {"most": MOST, "minutes": settings.minutes, "level": settings.level, "mail": settings.mail.host}
