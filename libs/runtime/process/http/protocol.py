"""uvicorn's HTTP protocol with bounds on heads, chunk framing, trailers and pipelining, and without WebSockets."""

import asyncio
import urllib.parse
from typing import cast

import httptools
import uvicorn
from starlette.types import Scope
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from libs.runtime.process.http.read_state import ReadState
from libs.runtime.process.http.request_bounds import (
    DEEP_PIPELINE,
    DISCARDED_BYTES,
    FIELDS,
    FRAMING_BYTES,
    FREE_CHUNKS,
    HEAD_BYTES,
    INVALID,
    LARGE_FRAMING,
    LARGE_HEAD,
    LARGE_TARGET,
    LARGE_TRAILERS,
    MANY_FIELDS,
    MEAN_CHUNK_BYTES,
    PIPELINED,
    REJECTED,
    TARGET_BYTES,
    Pace,
    RejectedRequest,
    Rejection,
    UnfinishedHeads,
    fields_bytes,
    is_only_chunked,
)
from libs.runtime.process.http.response_cycle import cycle_of


class HeadConfig(uvicorn.Config):
    """uvicorn's configuration with what the connections of a listener share: the memory of unfinished heads, and the
    paces of responses to rejected requests and of reads behind them."""

    unfinished: UnfinishedHeads
    rejections: Pace
    discards: Pace


class BoundedHttpProtocol(ReadState, HttpToolsProtocol):
    """Feeds the parser at most the bytes that may still belong to a head, so that a head is counted to the byte.

    Only a head that begins in the segment in which another request ends is counted by its fields instead.
    """

    # the transport's side

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self._begin_reading()

    def data_received(self, data: bytes) -> None:
        self._unset_keepalive_if_required()
        if self._rejection is not None:
            self._discard(len(data))
            return
        try:
            if len(data) <= HEAD_BYTES - self._head_bytes:
                self._feed(data)
            else:
                self._feed_in_parts(memoryview(data))
        except RejectedRequest as rejected:
            self._reject(rejected.rejection)

    def connection_lost(self, exc: Exception | None) -> None:
        self._unfinished.release(self)
        super().connection_lost(exc)

    def give_up(self) -> None:
        """Close at once and stop counting this connection, so that no other one is closed for the same newcomer."""
        self.connections.discard(self)
        self.transport.abort()

    # the parser's side; short callbacks repeat uvicorn's lines, as a call to it would double their cost

    def on_url(self, url: bytes) -> None:
        self.url += url
        if len(self.url) > TARGET_BYTES:
            raise RejectedRequest(LARGE_TARGET)

    def on_header(self, name: bytes, value: bytes) -> None:
        headers = self.headers
        if self._reading_head:
            headers.append((name.lower(), value))
            if len(headers) > FIELDS:
                raise RejectedRequest(MANY_FIELDS)
        else:  # a trailer: the scope of the application does not change
            self._trailers += 1
            if self._trailers + len(headers) > FIELDS:
                raise RejectedRequest(MANY_FIELDS)

    def on_headers_complete(self) -> None:
        if len(self.pipeline) >= PIPELINED:
            raise RejectedRequest(DEEP_PIPELINE)
        if self._inexact and self._fields_so_far() > HEAD_BYTES:
            raise RejectedRequest(LARGE_HEAD)
        if self.parser.should_upgrade():
            self._upgrading = True
            return
        if self._head_bytes:
            self._unfinished.release(self)
        self._reading_head, self._boundary, self._inexact = False, True, False
        self._head_bytes = self._chunks = self._body_bytes = self._framing_bytes = 0
        self._chunk_began_at = -1
        self._describe(cast(Scope, self.scope))
        before = self.cycle
        self.cycle = cycle_of(self)
        if before is None or before.response_complete:
            task = self.loop.create_task(self.cycle.run_asgi(self.app))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, self.app))

    def on_chunk_header(self) -> None:
        if not self._chunks and not is_only_chunked(self.headers):
            raise RejectedRequest(INVALID)
        self._chunk_began_at = self._body_bytes
        self._chunks += 1
        if self._chunks > FREE_CHUNKS and self._chunks * MEAN_CHUNK_BYTES > self._body_bytes:
            raise RejectedRequest(LARGE_FRAMING)

    def on_body(self, body: bytes) -> None:
        self._body_bytes += len(body)
        cycle = self.cycle
        if cycle.response_complete:
            return
        cycle.body += body
        if len(cycle.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
        cycle.message_event.set()

    def on_message_complete(self) -> None:
        if self._upgrading:
            return
        if not self.cycle.response_complete:
            self.cycle.more_body = False
            self.cycle.message_event.set()
        self._reading_head = self._boundary = True
        self.url, self.headers, self._trailers = b"", [], 0

    def on_response_complete(self) -> None:
        is_last = not self.pipeline
        super().on_response_complete()
        if self._rejection is not None and is_last and not self.transport.is_closing():
            self._respond_rejection()

    def _describe(self, scope: Scope) -> None:
        """Complete the scope of the application."""
        version = self.parser.get_http_version()
        url = httptools.parse_url(self.url)
        path = url.path.decode("ascii")
        if version != "1.1":
            scope["http_version"] = version
        scope["method"] = self.parser.get_method().decode("ascii")
        scope["path"] = urllib.parse.unquote(path) if "%" in path else path
        scope["raw_path"] = url.path
        scope["query_string"] = url.query or b""

    # counting

    @property
    def _unfinished(self) -> UnfinishedHeads:
        return cast(HeadConfig, self.config).unfinished

    def _feed_in_parts(self, data: memoryview) -> None:
        while data and not self.transport.is_closing():
            part = data[: HEAD_BYTES - self._head_bytes]
            self._feed(part)
            data = data[len(part) :]

    def _feed(self, part: bytes | memoryview) -> None:
        """Feed at most the rest of a head, and count it. Raises RejectedRequest."""
        self._boundary, body_before = False, self._body_bytes
        try:
            self.parser.feed_data(part)
        except httptools.HttpParserUpgrade as upgrade:
            self._feed(self._head_without_upgrade())
            self._feed_in_parts(memoryview(part)[upgrade.args[0] :])
            return
        except httptools.HttpParserError as error:
            cause = error.__context__
            raise cause if isinstance(cause, RejectedRequest) else RejectedRequest(INVALID) from error
        if self._reading_head:
            if not self._boundary or self.url:
                self._count_head(len(part))
        elif not self._boundary:
            self._count_framing(len(part) - (self._body_bytes - body_before))

    def _count_head(self, size: int) -> None:
        if self._boundary:
            self._inexact, self._head_bytes = True, self._fields_so_far()
        else:
            self._head_bytes += size
        if self._head_bytes >= HEAD_BYTES:
            raise RejectedRequest(LARGE_HEAD)
        if self._head_bytes:
            self._unfinished.hold(self, self._head_bytes)

    def _count_framing(self, size: int) -> None:
        self._framing_bytes += size
        if self._framing_bytes > FRAMING_BYTES + self._body_bytes:
            trailing = self._body_bytes == self._chunk_began_at
            raise RejectedRequest(LARGE_TRAILERS if trailing else LARGE_FRAMING)

    def _fields_so_far(self) -> int:
        return len(self.url) + fields_bytes(self.headers)

    def _head_without_upgrade(self) -> bytes:
        """Head for a new parse of the request without `Upgrade`.

        A server may ignore `Upgrade` (RFC 9110, 7.8), but this parser would skip the body and parse it as another
        request.
        """
        method = self.parser.get_method()
        if method == b"CONNECT":
            raise RejectedRequest(INVALID)
        lines = [b"%b %b HTTP/%b" % (method, self.url, self.parser.get_http_version().encode())]
        lines += [b"%b: %b" % field for field in self.headers if field[0] != b"upgrade"]
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self._upgrading, self._head_bytes = False, 0
        self._unfinished.release(self)
        return b"\r\n".join([*lines, b"", b""])

    # rejecting

    def _reject(self, rejection: Rejection) -> None:
        """Respond in order: after the previous requests, or instead of the one whose body cannot be read."""
        REJECTED.labels(rejection.code).inc()
        self._rejection = rejection
        self._unfinished.release(self)
        self.parser = httptools.HttpRequestParser(self)  # releases the part of the head in the old parser
        self.url, self.headers = b"", []
        if self.cycle is None or self.cycle.response_complete:
            self._respond_rejection()
        elif self._reading_head:
            return
        elif self.pipeline:
            self.pipeline.popleft()
        elif self.cycle.response_started:
            self.transport.close()
        else:
            self._cancel_request()
            self._respond_rejection()

    def _cancel_request(self) -> None:
        """Signal a disconnect to the application; its further output is dropped."""
        self.cycle.disconnected, self.cycle.waiting_for_100_continue = True, False
        self.cycle.message_event.set()

    def _respond_rejection(self) -> None:
        """Respond after a delay, and behind everything that is ready then: a response wakes its client, and the
        scheduler may give that client the core at once."""
        self.flow.pause_reading()
        delay_s = cast(HeadConfig, self.config).rejections.delay_s(self.loop.time())
        self.loop.call_later(delay_s, self.loop.call_soon, self._write_rejection)

    def _write_rejection(self) -> None:
        """Respond, close the sending side and read on: closing while the client still sends would lose the response."""
        if self.transport.is_closing():
            return
        assert self._rejection is not None
        self._unset_keepalive_if_required()
        answered = self.cycle is not None and self.cycle.response_complete and not self._reading_head
        if self.cycle is not None:
            self.cycle.response_complete = True
        if not answered:
            self.transport.write(self._rejection.response())
        if self.transport.can_write_eof():
            self.transport.write_eof()
        self.flow.resume_reading()

    def _discard(self, size: int) -> None:
        """Drop bytes that arrive after a rejection, with a pause after each read."""
        self._discarded += size
        if self._discarded > DISCARDED_BYTES:
            self.give_up()
        elif not self.flow.read_paused:
            self.flow.pause_reading()
            delay_s = cast(HeadConfig, self.config).discards.delay_s(self.loop.time())
            self.loop.call_later(delay_s, self._read_on)

    def _read_on(self) -> None:
        if not self.transport.is_closing():
            self.flow.resume_reading()
