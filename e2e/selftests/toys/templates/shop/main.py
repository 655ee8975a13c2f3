"""Shows one page that is compiled when it is asked for, and one whose module is generated at the start."""

from pathlib import Path

HERE = Path(__file__).parent / "pages"
(HERE / "list_page.py").write_text((HERE / "list.page").read_text())

from shop.pages import list_page  # noqa: E402  # generated above


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": f"{shown()} {list_page.shown()}".encode()})


def shown():
    path = HERE / "item.page"
    names = {}
    exec(compile(path.read_text(), str(path), "exec"), names)  # noqa: S102  # as template engines do
    return names["text"]
