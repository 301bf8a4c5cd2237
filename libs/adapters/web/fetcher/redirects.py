"""Derives the next request of a redirect. Pure."""

from libs.adapters.web.fetcher.exchange import Call
from libs.ports.fetching import FetchError, FetchRequest
from libs.ports.web_url import join_url

MAX_REDIRECTS = 3
_KEEPS_METHOD = frozenset({307, 308})


def redirected(request: FetchRequest, call: Call, status: int, location: str) -> Call:
    """Raises FetchError: `redirect_refused`, and the codes of a refused URL.

    Secrets and bodies stay with their origin; https is never left for http.
    """
    url = join_url(call.url, location)
    if call.url.scheme == "https" and url.scheme == "http":
        raise FetchError("redirect_refused", "the answer sends from https to http")
    at_home = url.origin == call.url.origin
    if status in _KEEPS_METHOD and call.method != "GET":
        if not at_home:
            raise FetchError("redirect_refused", "the answer sends a request with a body to another host")
        return Call(call.method, url, call.headers, call.body)
    secret = frozenset(request.secret_headers)
    headers = tuple(pair for pair in call.headers if at_home or pair not in secret)
    sent = headers if call.method == "GET" else tuple(pair for pair in headers if pair[0].lower() != "content-type")
    return Call("GET", url, sent, b"")
