"""An `LLM` that records answers and errors as reads of the message that is being made."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from libs.core.errors import FleetError
from libs.core.reads import StreamedRead, open_read
from libs.ports.llm import LLM, Completion, ModelRefused, ModelRequest, ModelUnavailable, StreamBroken, TextDelta
from libs.ports.model_calls import prompt_sha256

KIND = "model"
ERRORS: tuple[type[FleetError], ...] = (ModelUnavailable, ModelRefused, StreamBroken)


class ReadRecordingLLM:
    def __init__(self, llm: LLM) -> None:
        self._llm = llm

    async def complete(self, request: ModelRequest) -> Completion:
        read = _open_read(request)
        try:
            completion = await self._llm.complete(request)
        except Exception as error:
            _fail(read, error)
            raise
        read.append(completion.text)
        _end(read, completion)
        return completion

    async def stream(self, request: ModelRequest) -> AsyncGenerator[TextDelta | Completion, None]:
        read = _open_read(request)
        try:
            async with aclosing(self._llm.stream(request)) as pieces:
                async for piece in pieces:
                    if isinstance(piece, Completion):
                        _end(read, piece)
                    else:
                        read.append(piece.text)
                    yield piece
        except Exception as error:
            _fail(read, error)
            raise


def _open_read(request: ModelRequest) -> StreamedRead:
    return open_read(KIND, model=request.ref.model, server=request.ref.server, prompt=prompt_sha256(request))


def _end(read: StreamedRead, completion: Completion) -> None:
    usage = completion.usage
    read.close(
        finish=completion.finish_reason,
        prompt_tokens=usage.prompt_tokens,
        completion_tokens=usage.completion_tokens,
        estimated=usage.estimated,
        said_by=completion.model,
        duration_s=completion.duration_s,
    )
    if completion.call_id:
        read.close(call=completion.call_id)
    if completion.text != read.text():
        read.close(whole=completion.text)


def _fail(read: StreamedRead, error: Exception) -> None:
    """Close the read with the port's name of the error; `wait` is the requested pause in seconds."""
    kind = next((known for known in ERRORS if isinstance(error, known)), type(error))
    read.close(error=kind.__name__)
    if isinstance(error, FleetError):
        read.close(code=error.code, message=str(error))
    if isinstance(error, ModelUnavailable):
        read.close(wait=error.retry_after_s)
