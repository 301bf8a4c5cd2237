"""Send one scripted reply over one connection, faults included."""

import asyncio

from aiohttp import web

from libs.testing.model_server.frames import MALFORMED, error_frame, stream_frames, whole_body
from libs.testing.model_server.script import Fault, FaultKind, Prompt, Reply


async def send_reply(request: web.Request, prompt: Prompt, reply: Reply) -> web.StreamResponse:
    """Cancelled when the client disconnects."""
    fault = reply.fault.kind if reply.fault else None
    if fault == "silence":
        await _forever()
    await asyncio.sleep(reply.delay_s)
    if reply.released is not None:
        await reply.released.wait()
    if fault == "hang_up":
        return _tear_down(request, web.Response())
    if reply.raw is not None:
        return web.Response(
            status=reply.status, body=reply.raw, headers={**reply.headers, "content-type": reply.content_type}
        )
    if prompt.stream:
        return await _send_stream(request, prompt, reply)
    return await _send_whole(request, whole_body(reply, prompt), fault)


async def _send_stream(request: web.Request, prompt: Prompt, reply: Reply) -> web.StreamResponse:
    response = web.StreamResponse(headers={**reply.headers, "content-type": "text/event-stream"})
    await response.prepare(request)
    frames = stream_frames(reply, prompt)
    last = len(frames.pieces) if reply.fault is None else reply.fault.after
    for frame in frames.opening:
        await response.write(frame)
    for frame in frames.pieces[:last]:
        await asyncio.sleep(reply.piece_delay_s)
        await response.write(frame)
    if reply.fault is not None:
        return await _send_fault(request, response, reply.fault)
    for frame in frames.ending:
        await response.write(frame)
    await asyncio.sleep(reply.end_delay_s)
    await response.write_eof()
    return response


async def _send_fault(request: web.Request, response: web.StreamResponse, fault: Fault) -> web.StreamResponse:
    if fault.kind == "stall":
        await _forever()
    if fault.kind == "reset":
        return _tear_down(request, response)
    if fault.kind in ("malformed", "error"):
        await response.write(MALFORMED if fault.kind == "malformed" else error_frame())
    await response.write_eof()
    return response


async def _send_whole(request: web.Request, body: bytes, fault: FaultKind | None) -> web.StreamResponse:
    if fault == "error":
        body = error_frame().removeprefix(b"data: ")
    half = body[: len(body) // 2]
    if fault == "malformed":
        body = half
    response = web.StreamResponse(headers={"content-type": "application/json", "content-length": str(len(body))})
    await response.prepare(request)
    if fault not in ("stall", "reset", "truncate"):
        await response.write(body)
        await response.write_eof()
        return response
    await response.write(half)
    if fault == "stall":
        await _forever()
    return _tear_down(request, response)


def _tear_down(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    if request.transport is not None:
        request.transport.abort()
    return response


async def _forever() -> None:
    await asyncio.Event().wait()
