"""Reads replies that are one body: unstreamed answers, error objects, web pages."""

import asyncio

from libs.adapters.models.openai_chat.call import Call
from libs.adapters.models.openai_chat.exchange import Exchange, WireCut

MAX_BODY_BYTES = 16 << 20


async def bounded_body(call: Call, exchange: Exchange, limit: int = MAX_BODY_BYTES) -> bytes:
    """Read the body; stop after more than `limit` bytes. Raises ModelUnavailable."""
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout_at(call.deadline):
            while size <= limit and (part := await exchange.piece()):
                parts.append(part)
                size += len(part)
    except TimeoutError as error:
        raise call.silent() from error
    except WireCut as error:
        raise call.cut(str(error), began=False) from error
    return b"".join(parts)
