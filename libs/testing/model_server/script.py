"""The script of the model server as data: rules in order, the first match responds."""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from libs.ports.llm import ChatMessage, FinishReason, TokenUsage

Stage = Literal["planner", "expert", "thinker", "judge", "critic", "chat"]
OutputFormat = Literal["json_schema", "json_object", ""]
FaultKind = Literal["silence", "hang_up", "truncate", "malformed", "reset", "stall", "error"]
UsagePlace = Literal["when_asked", "last_piece", "never"]

_FIRST_LINE = re.compile(r"You are the (?:(planner|thinker|judge|critic)|(.+?) expert) of\b")
_STAGES: Mapping[str | None, Stage] = {"thinker": "thinker", "judge": "judge", "critic": "critic"}
_TOKEN = re.compile(r"#\w+")


@dataclass(frozen=True, slots=True)
class ToolUse:
    """A tool call of the model. `arguments` is JSON text; without an `id` it gets one from its position."""

    name: str
    arguments: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One chat request as the server read it. `tools` are the names on offer, `tool_choice` a word or a name,
    `tool_results` what the last calls gave, `images` a number."""

    model: str
    messages: tuple[ChatMessage, ...]
    stream: bool = False
    include_usage: bool = False
    max_tokens: int | None = None
    temperature: float | None = None
    output_format: OutputFormat = ""
    schema_name: str = ""
    schema: Mapping[str, object] = field(default_factory=dict)
    tools: tuple[str, ...] = ()
    tool_choice: str = ""
    tool_results: tuple[str, ...] = ()
    images: int = 0
    cache_salt: str = ""

    @property
    def system(self) -> str:
        return "\n".join(message.content for message in self.messages if message.role == "system")

    @property
    def user(self) -> str:
        """Last user message."""
        return next((message.content for message in reversed(self.messages) if message.role == "user"), "")

    @property
    def stage(self) -> Stage:
        """Stage that sent the request, from the first line of its system prompt or the name of its schema."""
        found = _FIRST_LINE.match(self.system)
        if self.schema_name == "plan" or (found and found[1] == "planner"):
            return "planner"
        if found is None:
            return "chat"
        return _STAGES.get(found[1], "expert")

    @property
    def category(self) -> str:
        """The category in `You are the <category> expert of …`, else empty."""
        found = _FIRST_LINE.match(self.system)
        return (found[2] or "") if found else ""

    @property
    def token(self) -> str:
        """First `#token` in the newest message that has one; it distinguishes requests."""
        newest_first = (_TOKEN.search(message.content) for message in reversed(self.messages))
        return next((found[0] for found in newest_first if found), "")


@dataclass(frozen=True, slots=True)
class Fault:
    """Fault of a reply after `after` pieces of a stream.

    silence: no byte ever · hang_up: closed before the first byte · truncate: a clean end too early · malformed: a
    broken chunk · reset: the connection is torn down · stall: no further byte · error: an error object. Replies that
    are not streamed fail in the same way halfway through their body.
    """

    kind: FaultKind
    after: int = 0


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer. Text may be a function of the prompt. With `raw` the body is sent as it is, as `content_type`.

    `delay_s` passes before the first byte, `piece_delay_s` before every piece, `end_delay_s` between `[DONE]` and the
    end of the body; no byte is sent before `released` is set. A piece is `piece_chars` long, or a word.
    """

    text: str | Callable[[Prompt], str] = ""
    status: int = 200
    raw: bytes | None = None
    content_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    piece_delay_s: float = 0.0
    end_delay_s: float = 0.0
    released: asyncio.Event | None = None
    piece_chars: int | None = None
    reasoning: str = ""
    tool_calls: tuple[ToolUse, ...] | Callable[[Prompt], tuple[ToolUse, ...]] = ()
    finish: FinishReason | None = "stop"
    done: bool = True
    usage: TokenUsage | None = None
    usage_place: UsagePlace = "when_asked"
    fault: Fault | None = None

    def text_for(self, prompt: Prompt) -> str:
        return self.text if isinstance(self.text, str) else self.text(prompt)

    def calls_for(self, prompt: Prompt) -> tuple[ToolUse, ...]:
        """Scripted tool calls, each with an id."""
        calls = self.tool_calls(prompt) if callable(self.tool_calls) else self.tool_calls
        return tuple(replace(call, id=call.id or f"call_{index}") for index, call in enumerate(calls))

    def usage_for(self, prompt: Prompt) -> TokenUsage:
        """Scripted usage, or a word count."""
        if self.usage is not None:
            return self.usage
        words = sum(len(message.content.split()) for message in prompt.messages)
        return TokenUsage(prompt_tokens=max(1, words), completion_tokens=max(1, len(self.text_for(prompt).split())))


@dataclass(frozen=True, slots=True)
class Rule:
    """A reply for the prompts that match all given conditions, for the first `times` of them if a number is given.

    `system` and `user` are patterns searched in the system prompt and in the last user message; `tool` is on offer;
    `tool_results`: whether the last message is the result of a call.
    """

    reply: Reply
    stage: Stage | None = None
    model: str | None = None
    system: str | None = None
    user: str | None = None
    output_format: OutputFormat | None = None
    stream: bool | None = None
    tool: str | None = None
    tool_results: bool | None = None
    times: int | None = None

    def matches(self, prompt: Prompt) -> bool:
        """Whether every condition holds. The server counts `times`."""
        wanted = (self.stage, self.model, self.output_format, self.stream, self.tool_results)
        properties = (prompt.stage, prompt.model, prompt.output_format, prompt.stream, bool(prompt.tool_results))
        return (
            all(want is None or want == got for want, got in zip(wanted, properties, strict=True))
            and (self.tool is None or self.tool in prompt.tools)
            and (self.system is None or re.search(self.system, prompt.system) is not None)
            and (self.user is None or re.search(self.user, prompt.user) is not None)
        )


def error_reply(status: int, message: str = "scripted error", *, code: str = "", retry_after: str = "") -> Reply:
    """A reply with an OpenAI error object."""
    body = f'{{"error":{{"message":"{message}","type":"scripted_error","param":null,"code":"{code}"}}}}'
    return Reply(status=status, raw=body.encode(), headers={"retry-after": retry_after} if retry_after else {})
