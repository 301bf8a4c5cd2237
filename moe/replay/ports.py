"""Ports of a replayed handler: return recorded reads."""

from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass

from libs.adapters.models.read_recording_llm import ERRORS, KIND
from libs.core.reads import Scalar
from libs.ports.llm import Completion, FinishReason, ModelRequest, ModelUnavailable, TextDelta, TokenUsage
from libs.runtime.spec import Ports
from moe.replay.read_player import ReadPlayer, ReadsExhausted
from services.mcp.contract import AnswerStyle, Arguments, Caller, ErrorCode, ToolError, ToolResult
from services.mcp.tools.read_recording_tools import KIND as TOOL
from services.mcp.tools.read_recording_tools import Tools

_FINISHES: dict[str, FinishReason] = {"stop": "stop", "length": "length", "content_filter": "content_filter"}


@dataclass(frozen=True, kw_only=True)
class ReplayPorts(Ports):
    """Everything that any stage reads or writes besides its messages."""

    tools: Tools


@dataclass(frozen=True)
class ReplayedClock:
    player: ReadPlayer

    def now(self) -> float:
        return _number(self.player.next("clock").values.get("now"))

    def monotonic(self) -> float:
        return _number(self.player.next("clock").values.get("monotonic"))


@dataclass(frozen=True)
class ReplayedNonce:
    player: ReadPlayer

    def __call__(self) -> str:
        return str(self.player.next("nonce").values.get("value"))


@dataclass(frozen=True)
class ReplayedTools:
    player: ReadPlayer

    async def invoke(self, tool: str, args: Arguments, *, style: AnswerStyle, caller: Caller) -> ToolResult:
        """The recorded result. Raises the recorded ToolError."""
        values = self.player.next(TOOL).values
        if "error" in values:
            code: ErrorCode = values["error"]  # type: ignore[assignment]  # whatever it was, it is told as it was
            raise ToolError(code, str(values.get("message")))
        return ToolResult.model_validate_json(str(values.get("result")))


@dataclass(frozen=True)
class ReplayedLLM:
    """Port `LLM` that replays recorded answers. An unfinished text ends the work at the same place."""

    player: ReadPlayer

    async def complete(self, request: ModelRequest) -> Completion:
        values = self.player.next(KIND).values
        _raise_recorded_error(values)
        return _completion(values)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[TextDelta | Completion, None]:
        values = self.player.next(KIND).values
        for piece in _pieces(str(values.get("text", "")), str(values.get("cuts", ""))):
            yield TextDelta(piece)
        _raise_recorded_error(values)
        yield _completion(values)


def replay_ports(player: ReadPlayer) -> ReplayPorts:
    return ReplayPorts(
        llm=ReplayedLLM(player),
        clock=ReplayedClock(player),
        nonce=ReplayedNonce(player),
        tools=ReplayedTools(player),
    )


def _pieces(text: str, cuts: str) -> Iterator[str]:
    """Yield the text in its recorded pieces."""
    start = 0
    for end in (*map(int, cuts.split()), len(text)):
        if end > start:
            yield text[start:end]
            start = end


def _raise_recorded_error(values: Mapping[str, Scalar]) -> None:
    if values.get("open"):
        raise ReadsExhausted
    name = values.get("error")
    if name is None:
        return
    message, code = str(values.get("message", "")), str(values.get("code", ""))
    kind = next((known for known in ERRORS if known.__name__ == name), None)
    if kind is ModelUnavailable:
        wait = values.get("wait")
        raise ModelUnavailable(message, code=code, retry_after_s=None if wait is None else _number(wait))
    if kind is not None:
        raise kind(message, code=code)
    raise type(str(name), (RuntimeError,), {})(message)


def _completion(values: Mapping[str, Scalar]) -> Completion:
    usage = TokenUsage(
        prompt_tokens=int(_number(values.get("prompt_tokens"))),
        completion_tokens=int(_number(values.get("completion_tokens"))),
        estimated=bool(values.get("estimated")),
    )
    return Completion(
        text=str(values.get("whole", values.get("text", ""))),
        finish_reason=_FINISHES.get(str(values.get("finish")), "stop"),
        usage=usage,
        model=str(values.get("said_by")),
        duration_s=_number(values.get("duration_s")),
        call_id=str(values.get("call", "")),
    )


def _number(value: Scalar) -> float:
    if isinstance(value, str) or value is None:
        raise TypeError(f"not a number: {value!r}")
    return value
