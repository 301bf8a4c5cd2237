"""`GET /downloads/{link}`: a stored file, as an attachment. The link is the credential."""

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from libs.core.clock import Clock
from libs.ports.objects import ObjectError, ObjectStore, StoredObject
from services.mcp.tools.served.files.links import PATH, DownloadLinks

_HEADERS = {
    "x-content-type-options": "nosniff",
    "content-security-policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "cache-control": "private, no-store",
}
_GONE = "There is no such file, or the link has expired.\n"


def downloads(store: ObjectStore, links: DownloadLinks, clock: Clock) -> Route:
    async def download(request: Request) -> Response:
        place = links.read(request.path_params["link"], clock.now())
        try:
            if place is not None:
                return _attached(await store.describe(place), await store.read(place))
        except ObjectError:  # taken away before its link expired
            pass
        return PlainTextResponse(_GONE, 404, headers=_HEADERS)

    return Route(PATH + "{link:str}", download, methods=["GET"])


def _attached(stored: StoredObject, body: bytes) -> Response:
    ascii_name = "".join(letter if letter.isalnum() or letter in "._- " else "_" for letter in stored.filename)
    fallback = ascii_name.encode("ascii", "replace").decode().replace("?", "_")
    disposition = f"attachment; filename=\"{fallback}\"; filename*=UTF-8''{quote(stored.filename, safe='')}"
    return Response(body, 200, headers=_HEADERS | {"content-disposition": disposition}, media_type=stored.content_type)
