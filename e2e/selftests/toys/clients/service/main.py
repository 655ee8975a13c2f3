"""A service that has a line of its own for each test of its users."""

PAGE = "<html><body></body></html>"


async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
        await send({"type": "websocket.send", "text": answer(scope["path"])})
        await send({"type": "websocket.close"})
    else:
        kind = b"text/html" if scope["path"] == "/page" else b"text/plain"
        body = answer(scope["path"]).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})
        await send({"type": "http.response.body", "body": body})


async def lifespan(receive, send):
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})


def answer(path):  # noqa: PLR0911, PLR0912, PLR0915  # a line for each test is what it is for
    match path.removeprefix("/"):
        case "page":
            return PAGE
        case "test_anyio_own":
            return "test_anyio_own"
        case "test_anyio_first":
            return "test_anyio_first"
        case "test_anyio_second":
            return "test_anyio_second"
        case "test_asyncio_own":
            return "test_asyncio_own"
        case "test_asyncio_first":
            return "test_asyncio_first"
        case "test_asyncio_second":
            return "test_asyncio_second"
        case "test_aiohttp_first":
            return "test_aiohttp_first"
        case "test_aiohttp_second":
            return "test_aiohttp_second"
        case "test_aiohttp_websocket":
            return "test_aiohttp_websocket"
        case "test_websocket_in_a_loop":
            return "test_websocket_in_a_loop"
        case "test_tasks":
            return "test_tasks"
        case "test_unittest":
            return "test_unittest"
        case "test_unittest_parts":
            return "test_unittest_parts"
        case "test_unittest_async":
            return "test_unittest_async"
        case "test_id":
            return "test_id"
        case "test_größe":
            return "test_größe"
        case "test_longest_id":
            return "test_longest_id"
        case "too_long_id":
            return "too_long_id"
        case "test_rerun":
            return "test_rerun"
        case "test_parts":
            return "test_parts"
        case "test_threads":
            return "test_threads"
        case "test_raw_thread":
            return "test_raw_thread"
        case "test_in_a_group":
            return "test_in_a_group"
        case "test_async_outside_its_loop":
            return "test_async_outside_its_loop"
        case "set_up":
            return "set_up"
        case "teardown":
            return "teardown"
        case "test_session_first":
            return "test_session_first"
        case "test_session_second":
            return "test_session_second"
        case "test_single_request":
            return "test_single_request"
        case "test_hook_first":
            return "test_hook_first"
        case "test_hook_second":
            return "test_hook_second"
        case "test_shared_first":
            return "test_shared_first"
        case "test_shared_second":
            return "test_shared_second"
        case "test_urllib":
            return "test_urllib"
        case "test_websocket":
            return "test_websocket"
        case "test_page":
            return "test_page"
        case "test_page_of_localhost":
            return "test_page_of_localhost"
        case "test_page_fetches":
            return "test_page_fetches"
        case "test_page_socket":
            return "test_page_socket"
        case "test_kept_first":
            return "test_kept_first"
        case "test_kept_second":
            return "test_kept_second"
        case "test_beside_the_page":
            return "test_beside_the_page"
        case "test_request_context_first":
            return "test_request_context_first"
        case "test_request_context_second":
            return "test_request_context_second"
        case "test_async_page":
            return "test_async_page"
        case "test_async_page_not_awaited":
            return "test_async_page_not_awaited"
        case "test_async_request":
            return "test_async_request"
        case "test_async_kept":
            return "test_async_kept"
        case "module_set_up":
            return "module_set_up"
        case "module_teardown":
            return "module_teardown"
        case _:
            return ""
