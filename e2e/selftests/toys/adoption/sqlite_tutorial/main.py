"""The application."""

import uvicorn
from fastapi import Depends, FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

import models
from database import engine, get_db
from routers import things

models.Base.metadata.create_all(bind=engine)

app = FastAPI()
app.include_router(things.router)


@app.get("/heroes")
def heroes(db: Session = Depends(get_db)):
    return db.scalars(select(models.Hero)).all()


if __name__ == "__main__":
    uvicorn.run("main:app", reload=True)
