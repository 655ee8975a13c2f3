"""Things."""

from fastapi import APIRouter

router = APIRouter()


@router.get("/things")
def things():
    return ["a thing"]
