"""The operations."""

from fastapi import APIRouter, Header

router = APIRouter()


@router.get("/posts")
async def posts(page: int = 1):
    return [{"page": page}]


@router.get("/drafts")
async def drafts(authorization: str = Header()):
    return [authorization]
