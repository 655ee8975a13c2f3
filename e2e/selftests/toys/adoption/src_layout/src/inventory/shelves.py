"""Shelves."""

from fastapi import APIRouter

router = APIRouter(prefix="/shelves")


@router.get("")
def shelves(first: int = 0):
    return list(range(first, first + 3))


@router.get("/{number}")
def shelf(number: int):
    return {"number": number}
