"""The rest of a stream that has begun, detached from its request, whose body may be large, and from its middleware."""

from dataclasses import dataclass

from starlette.types import Send

from services.gateway.direct.call import DirectCall
from services.gateway.direct.request import Remember
from services.gateway.direct.streaming import DirectStream
from services.gateway.direct.upstream_call import UpstreamFailure


@dataclass(frozen=True, slots=True)
class DetachedStream:
    """A call whose model has begun to answer. It is closed at the end of the stream."""

    call: DirectCall
    stream: DirectStream
    remember: Remember

    async def run(self, send: Send) -> None:
        try:
            trouble = await self.stream.pipe(send, self.call.proxy.tasks)
            await (self._end() if trouble is None else end_failed(self.call, self.stream, trouble))
        finally:
            self.stream.release()
            self.call.close()

    async def _end(self) -> None:
        call, stream = self.call, self.stream
        ending = stream.writer.ending(await call.record_answer(stream.output, self.remember))
        await stream.close(ending, call.timeouts.write_s)


async def end_failed(call: DirectCall, stream: DirectStream, trouble: UpstreamFailure) -> None:
    """End a stream without a whole answer; a disconnected client gets no error."""
    failed = call.record_failure(trouble, stream.output)
    if failed is not None:
        await stream.close(stream.writer.error(failed.error), call.timeouts.write_s)
