"""Reading of request bodies, bounded in size, time, memory and media type."""

from collections.abc import Mapping

from starlette.types import Receive

from libs.http.body import BodyLimits, BodyTooLarge, BodyTooSlow, collect_body
from services.gateway.domain.body.memory_limit import BodyShare
from services.gateway.domain.errors import body_too_slow, not_json, too_large


async def read_body(headers: Mapping[str, str], receive: Receive, limits: BodyLimits, share: BodyShare) -> bytes:
    """Read the body. Raises RequestRefused (408, 413, 415, 503), or ClientDisconnect when the client disconnects."""
    _check_kind(headers)
    announced = headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > limits.size:
        raise too_large(limits.size)
    try:
        return await collect_body(receive, limits, share.grow)
    except BodyTooLarge as error:
        raise too_large(limits.size) from error
    except BodyTooSlow as error:
        raise body_too_slow() from error


def _check_kind(headers: Mapping[str, str]) -> None:
    content_type = headers.get("content-type", "")
    media_type = content_type.partition(";")[0].strip().lower()
    is_json = media_type == "application/json" or (media_type.startswith("application/") and media_type[-5:] == "+json")
    encoding = headers.get("content-encoding", "identity").lower()
    if not is_json or encoding != "identity":
        raise not_json(content_type if encoding == "identity" else encoding)
