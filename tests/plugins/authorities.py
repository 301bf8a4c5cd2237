"""One set of public certificate authorities for all HTTP clients of a test process.

httpx and httpx2 load them for each client, which takes 25 ms of CPU: a quarter of `make test`. No test changes these
contexts; servers of tests that speak TLS are trusted through contexts of their own.
"""

import functools
import ssl

import certifi
import httpcore2


def pytest_configure() -> None:
    """Load each set once."""
    load = ssl.create_default_context
    public = functools.cache(lambda: load(cafile=certifi.where()))

    @functools.wraps(load)
    def context(purpose: ssl.Purpose = ssl.Purpose.SERVER_AUTH, **sources: str) -> ssl.SSLContext:
        is_public = purpose is ssl.Purpose.SERVER_AUTH and sources == {"cafile": certifi.where()}
        return public() if is_public else load(purpose, **sources)

    ssl.create_default_context = context  # type: ignore[assignment]  # the arguments that are used
    httpcore2.default_ssl_context = functools.cache(httpcore2.default_ssl_context)
