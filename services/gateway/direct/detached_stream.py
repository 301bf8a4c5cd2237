"""A stream that has begun: it lives without its request, which may be large, and without the way that it came."""

from dataclasses import dataclass

from starlette.types import Send

from services.gateway.direct.call import DirectCall
from services.gateway.direct.request import Remember
from services.gateway.direct.streaming import DirectStream
from services.gateway.direct.upstream_call import UpstreamFailure


@dataclass(frozen=True, slots=True)
class DetachedStream:
    """A call whose model has begun to answer; it is closed at the end of the stream."""

    call: DirectCall
    stream: DirectStream
    remember: Remember

    async def run(self, send: Send) -> None:
        """Pass the answer on to its end."""
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
    """End a stream without a whole answer; who has gone is told nothing."""
    failed = call.record_failure(trouble, stream.output)
    if failed is not None:
        await stream.close(stream.writer.error(failed.error), call.timeouts.write_s)
