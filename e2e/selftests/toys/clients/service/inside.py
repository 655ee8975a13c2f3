"""What tests call in their own process, a line for each of them."""


def called(by):  # noqa: PLR0911  # a line for each test is what it is for
    match by:
        case "test_anyio_first":
            return "test_anyio_first"
        case "test_anyio_second":
            return "test_anyio_second"
        case "test_asyncio_first":
            return "test_asyncio_first"
        case "test_asyncio_second":
            return "test_asyncio_second"
        case "test_raw_thread":
            return "test_raw_thread"
        case "test_pool_first":
            return "test_pool_first"
        case "test_pool_second":
            return "test_pool_second"
    return ""
