"""The application."""

from fastapi import FastAPI
from shop_core.stock import stock

app = FastAPI()


@app.get("/stock")
def in_stock():
    return stock()
